"""Offers read and answered: what WHIP (RFC 9725) and WHEP allow, and our multi-slot viewer.

No partial success (RFC 9725 section 4.2): an offer is answered in every section or refused whole.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from media.contract.tickets import Slot
from media.packets.sdp import Codec, SdpError, Section, SessionDescription, parse_sdp

VIDEO_CODECS = ("H264", "VP8")
"""In order of preference: H.264 first (classrooms decode it in hardware, MP4 keeps it as it is)."""

MULTI_SLOT: tuple[tuple[Slot, str], ...] = (
    (Slot.MAIN, "audio"),
    (Slot.MAIN, "video"),
    (Slot.SCREEN, "video"),
    (Slot.GUEST, "audio"),
    (Slot.GUEST, "video"),
)
"""The sections of a multi-slot viewer's offer, in order."""

KEPT_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")
START_BITRATE = 1500


class OfferRefused(Exception):
    """this offer cannot be answered; `status` is 400 (malformed) or 422 (not supported)"""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@dataclass(frozen=True, slots=True)
class OfferedTrack:
    """One section that we answer. `codecs` by upper-case name, the preferred one first."""

    slot: Slot
    kind: str
    mid: str
    codecs: Mapping[str, Codec]


@dataclass(frozen=True, slots=True)
class Offer:
    """`fingerprints` are (algorithm, value) pairs."""

    ufrag: str
    fingerprints: tuple[tuple[str, str], ...]
    tracks: tuple[OfferedTrack, ...]


@dataclass(frozen=True, slots=True)
class AnswerTrack:
    """A section of our answer. `ssrc` is what we send; None where we only receive."""

    offered: OfferedTrack
    ssrc: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerTransport:
    """`candidates` are (address, port) pairs."""

    ufrag: str
    pwd: str
    fingerprint: str
    candidates: tuple[tuple[str, int], ...]


def read_publish_offer(text: str, slot: Slot) -> Offer:
    """Read a WHIP offer; raise OfferRefused."""
    description = _parse(text)
    _check_plain(description.sections)
    tracks = []
    for section in description.sections:
        if (slot, section.kind) not in MULTI_SLOT:
            raise OfferRefused(422, f"slot {slot.value} takes no {section.kind}")
        _check_direction(section, ("sendonly", "sendrecv"))
        codecs = _usable(section)
        name = next(iter(codecs))
        tracks.append(OfferedTrack(slot, section.kind, section.mid, {name: codecs[name]}))
    return _offer(description, tracks)


def read_view_offer(text: str, multi_slot: bool) -> Offer:
    """Read a WHEP offer, or that of a multi-slot viewer; raise OfferRefused."""
    description = _parse(text)
    sections = description.sections
    if multi_slot:
        places = list(MULTI_SLOT)
        if [section.kind for section in sections] != [kind for _slot, kind in places]:
            raise OfferRefused(422, "a multi-slot offer has audio, video, video, audio, video")
    else:
        _check_plain(sections)
        places = [(Slot.MAIN, section.kind) for section in sections]
    tracks = []
    for section, (slot, kind) in zip(sections, places, strict=True):
        _check_direction(section, ("recvonly", "sendrecv"))
        tracks.append(OfferedTrack(slot, kind, section.mid, _usable(section)))
    return _offer(description, tracks)


def _parse(text: str) -> SessionDescription:
    try:
        description = parse_sdp(text)
        for section in description.sections:
            if section.kind not in ("audio", "video"):
                raise OfferRefused(422, f"m={section.kind[:16]} is not supported")
            section.codecs()
    except SdpError as error:
        raise OfferRefused(400, f"not a session description: {error}") from None
    return description


def _check_plain(sections: Sequence[Section]) -> None:
    kinds = [section.kind for section in sections]
    if len(set(kinds)) < len(kinds):
        raise OfferRefused(422, "one audio and one video section at most")


def _check_direction(section: Section, allowed: tuple[str, ...]) -> None:
    if section.direction not in allowed:
        raise OfferRefused(422, f"a section is {section.direction}, not {' or '.join(allowed)}")


def _usable(section: Section) -> dict[str, Codec]:
    """Return the codecs that we forward, best first; raise OfferRefused when there is none."""
    wanted = VIDEO_CODECS if section.kind == "video" else ("OPUS",)
    offered = section.codecs()
    found: dict[str, Codec] = {}
    for name in wanted:
        fitting = [codec for codec in offered if codec.name == name and _forwardable(codec)]
        if fitting:
            found[name] = min(fitting, key=_distance_from_baseline)
    if not found:
        raise OfferRefused(422, f"no {section.kind} codec that we forward: {' or '.join(wanted)}")
    return found


def _forwardable(codec: Codec) -> bool:
    if codec.name == "H264":
        return codec.parameters.get("packetization-mode", "0") == "1"
    return codec.name != "OPUS" or codec.clock_rate == 48000


def _distance_from_baseline(codec: Codec) -> int:
    """Prefer constrained baseline: every classroom decodes it."""
    profile = codec.parameters.get("profile-level-id", "42e01f").lower()
    order = ("42e0", "42c0", "4200", "4d00")
    return next((rank for rank, start in enumerate(order) if profile.startswith(start)), len(order))


def _offer(description: SessionDescription, tracks: list[OfferedTrack]) -> Offer:
    first = description.sections[0]
    ufrag = description.effective(first, "ice-ufrag")
    pwd = description.effective(first, "ice-pwd")
    if not ufrag or not pwd or len(ufrag) > 256:
        raise OfferRefused(400, "ice-ufrag and ice-pwd are missing")
    fingerprints = []
    for value in first.attributes.get("fingerprint") or description.attributes.get(
        "fingerprint", []
    ):
        algorithm, _, digest = value.partition(" ")
        fingerprints.append((algorithm.lower(), digest.strip()))
    if not any(algorithm in ("sha-256", "sha-384", "sha-512") for algorithm, _ in fingerprints):
        raise OfferRefused(400, "a SHA-2 fingerprint is missing")
    for section in description.sections:
        if description.effective(section, "setup") not in ("actpass", "active"):
            raise OfferRefused(422, "offer a=setup:actpass or active: the node is the DTLS server")
        if "rtcp-mux" not in section.attributes:
            raise OfferRefused(422, "a=rtcp-mux is needed in every section")
    _check_bundle(description)
    return Offer(ufrag, tuple(fingerprints), tuple(tracks))


def _check_bundle(description: SessionDescription) -> None:
    if len(description.sections) == 1:
        return
    groups = [value.split() for value in description.attributes.get("group", [])]
    bundled = {mid for group in groups if group[:1] == ["BUNDLE"] for mid in group[1:]}
    mids = [section.mid for section in description.sections]
    if not bundled.issuperset(mids) or len(set(mids)) < len(mids):
        raise OfferRefused(422, "every section belongs to one BUNDLE group")


def write_answer(
    tracks: Sequence[AnswerTrack], transport: AnswerTransport, max_bitrate: int
) -> str:
    """Return the SDP answer. Sections with an SSRC are sendonly, the others recvonly."""
    lines = [
        "v=0",
        f"o=- {secrets.randbits(62)} 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=msid-semantic: WMS *",
    ]
    mids = [track.offered.mid for track in tracks if track.offered.mid]
    if mids:
        lines.append("a=group:BUNDLE " + " ".join(mids))
    for track in tracks:
        lines += _answer_section(track, transport, max_bitrate)
    return "\r\n".join(lines) + "\r\n"


def _answer_section(track: AnswerTrack, transport: AnswerTransport, max_bitrate: int) -> list[str]:
    offered = track.offered
    address, port = transport.candidates[0]
    family = "IP6" if ":" in address else "IP4"
    formats = " ".join(str(codec.payload_type) for codec in offered.codecs.values())
    lines = [f"m={offered.kind} {port} UDP/TLS/RTP/SAVPF {formats}", f"c=IN {family} {address}"]
    if offered.mid:
        lines.append(f"a=mid:{offered.mid}")
    lines += [
        f"a=ice-ufrag:{transport.ufrag}",
        f"a=ice-pwd:{transport.pwd}",
        f"a=fingerprint:sha-256 {transport.fingerprint}",
        "a=setup:passive",
        "a=rtcp-mux",
        "a=rtcp-mux-only",
        "a=recvonly" if track.ssrc is None else "a=sendonly",
    ]
    for codec in offered.codecs.values():
        lines += _codec_lines(codec, track.ssrc is None and offered.kind == "video", max_bitrate)
    if track.ssrc is not None:
        name = f"{offered.slot.value} {offered.slot.value}-{offered.kind}"
        lines += [f"a=msid:{name}", f"a=ssrc:{track.ssrc} cname:{offered.slot.value}"]
        lines.append(f"a=ssrc:{track.ssrc} msid:{name}")
    return lines + candidate_lines(transport.candidates)


def _codec_lines(codec: Codec, publishing_video: bool, max_bitrate: int) -> list[str]:
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    name = codec.name.lower() if codec.name == "OPUS" else codec.name
    number = codec.payload_type
    lines = [f"a=rtpmap:{number} {name}/{codec.clock_rate}{channels}"]
    parameters = dict(codec.parameters)
    if publishing_video:  # else Chromium starts at 300 kbit/s and creeps
        limit = max_bitrate // 1000
        parameters["x-google-start-bitrate"] = str(min(START_BITRATE, limit))
        parameters["x-google-max-bitrate"] = str(limit)
    if parameters:
        pairs = (f"{key}={value}" if value else key for key, value in parameters.items())
        lines.append(f"a=fmtp:{number} {';'.join(pairs)}")
    kept = [words for words in codec.feedback if words in KEPT_FEEDBACK]
    return lines + [f"a=rtcp-fb:{number} {words}" for words in kept]


def candidate_lines(candidates: Sequence[tuple[str, int]]) -> list[str]:
    """Return a host candidate for each address (RFC 8839 section 5.1) and the end mark."""
    lines = []
    for index, (address, port) in enumerate(candidates):
        priority = (126 << 24) | ((65535 - index) << 8) | 255
        lines.append(f"a=candidate:{index + 1} 1 udp {priority} {address} {port} typ host")
    return [*lines, "a=end-of-candidates"]
