"""Answers written: an ICE-lite node that is the DTLS server of every offer it takes."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from media.node.session.negotiation import OfferedTrack
from media.packets.rtp import ABS_SEND_TIME, SDES_MID
from media.packets.sdp import Codec
from media.packets.twcc import TRANSPORT_WIDE

KEPT_FEEDBACK = ("nack", "nack pli", "ccm fir")
START_BITRATE = 1500


@dataclass(frozen=True, slots=True)
class AnswerTrack:
    """A section of our answer. `ssrc` is what we send and `cname` what sound and picture of a slot
    have in common; None where we only receive."""

    offered: OfferedTrack
    ssrc: int | None = None
    cname: str = ""


@dataclass(frozen=True, slots=True)
class AnswerTransport:
    """`candidates` are (address, port) pairs."""

    ufrag: str
    pwd: str
    fingerprint: str
    candidates: tuple[tuple[str, int], ...]


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
    if offered.mid_extension is not None:
        lines.append(f"a=extmap:{offered.mid_extension} {SDES_MID}")
    if offered.transport_wide is not None:
        lines.append(f"a=extmap:{offered.transport_wide} {TRANSPORT_WIDE}")
    elif offered.send_time is not None:
        lines.append(f"a=extmap:{offered.send_time} {ABS_SEND_TIME}")
    estimate = "goog-remb" if offered.transport_wide is None else "transport-cc"
    for codec in offered.codecs.values():
        lines += _codec_lines(codec, track.ssrc is None and offered.kind == "video", max_bitrate)
        kept = [words for words in codec.feedback if words in (*KEPT_FEEDBACK, estimate)]
        lines += [f"a=rtcp-fb:{codec.payload_type} {words}" for words in kept]
    if track.ssrc is not None:
        name = f"{offered.slot.value} {offered.slot.value}-{offered.kind}"
        lines += [f"a=msid:{name}", f"a=ssrc:{track.ssrc} cname:{track.cname}"]
        lines.append(f"a=ssrc:{track.ssrc} msid:{name}")
    return lines + candidate_lines(transport.candidates)


def _codec_lines(codec: Codec, publishing_video: bool, max_bitrate: int) -> list[str]:
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    name = codec.name.lower() if codec.name == "OPUS" else codec.name
    number = codec.payload_type
    lines = [f"a=rtpmap:{number} {name}/{codec.clock_rate}{channels}"]
    parameters = dict(codec.parameters)
    if codec.name == "OPUS":  # what we receive is decoded by receivers that repair with it
        parameters["useinbandfec"] = "1"
    if publishing_video:  # else Chromium starts at 300 kbit/s and creeps
        limit = max_bitrate // 1000
        parameters["x-google-start-bitrate"] = str(min(START_BITRATE, limit))
        parameters["x-google-max-bitrate"] = str(limit)
    if parameters:
        pairs = (f"{key}={value}" if value else key for key, value in parameters.items())
        lines.append(f"a=fmtp:{number} {';'.join(pairs)}")
    return lines


def candidate_lines(candidates: Sequence[tuple[str, int]]) -> list[str]:
    """Return a host candidate for each address (RFC 8839 section 5.1) and the end mark."""
    lines = []
    for index, (address, port) in enumerate(candidates):
        priority = (126 << 24) | ((65535 - index) << 8) | 255
        lines.append(f"a=candidate:{index + 1} 1 udp {priority} {address} {port} typ host")
    return [*lines, "a=end-of-candidates"]
