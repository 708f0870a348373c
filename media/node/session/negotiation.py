"""Offers read: what WHIP (RFC 9725) and WHEP allow, and our multi-slot viewer.

No partial success (RFC 9725 section 4.2): an offer is answered in every section or refused whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from media.contract.tickets import Slot
from media.packets.rtp import ABS_SEND_TIME, SDES_MID
from media.packets.sdp import Codec, SdpError, Section, SessionDescription, parse_sdp
from media.packets.twcc import TRANSPORT_WIDE

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


class OfferRefused(Exception):
    """this offer cannot be answered; `status` is 400 (malformed) or 422 (not supported)"""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@dataclass(frozen=True, slots=True)
class OfferedTrack:
    """One section that we answer. `codecs` by upper-case name, the preferred one first.

    Header extension ids, of which a publisher's track has one at most: `transport_wide` numbers its
    packets, `send_time` tells when it sent them. `mid_extension` names its section in a packet.
    """

    slot: Slot
    kind: str
    mid: str
    codecs: Mapping[str, Codec]
    send_time: int | None = None
    transport_wide: int | None = None
    mid_extension: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """`fingerprints` are (algorithm, value) pairs."""

    ufrag: str
    fingerprints: tuple[tuple[str, str], ...]
    tracks: tuple[OfferedTrack, ...]


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
        chosen = {name: codecs[name]}
        named = section.extension_id(SDES_MID) if section.mid else None
        tracks.append(OfferedTrack(slot, section.kind, section.mid, chosen, mid_extension=named))
    return _offer(description, _with_extensions(description.sections, tracks))


def _with_extensions(
    sections: Sequence[Section], tracks: Sequence[OfferedTrack]
) -> list[OfferedTrack]:
    """Choose the feedback that a publisher gets on its path: transport-wide, else REMB, never both.

    The picture decides; sound is numbered with it where it has the extension too.
    """
    pairs = list(zip(sections, tracks, strict=True))
    numbered = (
        section.extension_id(TRANSPORT_WIDE)
        for section, track in pairs
        if track.kind == "video" and _gives_feedback(track, "transport-cc")
    )
    number = next(numbered, None)
    if number is None:
        return [replace(t, send_time=s.extension_id(ABS_SEND_TIME)) for s, t in pairs]
    return [
        replace(track, transport_wide=number)
        if section.extension_id(TRANSPORT_WIDE) == number
        else track
        for section, track in pairs
    ]


def _gives_feedback(track: OfferedTrack, words: str) -> bool:
    return all(words in codec.feedback for codec in track.codecs.values())


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
        if section.port == 0 and "bundle-only" not in section.attributes:
            raise OfferRefused(422, "a section with port 0 is no offer")
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
