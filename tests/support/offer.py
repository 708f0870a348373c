"""The offer and the answer of a light peer, as text. Pure."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from media.packets.sdp import SdpError, parse_sdp

AUDIO, VIDEO, VIDEO_VP8 = 111, 102, 96
"""Payload types that a light peer offers for Opus, H.264 and VP8."""

PAYLOAD_TYPES = {"OPUS": AUDIO, "H264": VIDEO, "VP8": VIDEO_VP8}

CODEC_LINES = {
    "OPUS": (
        f"a=rtpmap:{AUDIO} opus/48000/2",
        f"a=fmtp:{AUDIO} minptime=10;useinbandfec=1",
    ),
    "H264": (
        f"a=rtpmap:{VIDEO} H264/90000",
        f"a=fmtp:{VIDEO} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        f"a=rtcp-fb:{VIDEO} nack",
        f"a=rtcp-fb:{VIDEO} nack pli",
        f"a=rtcp-fb:{VIDEO} goog-remb",
    ),
    "VP8": (
        f"a=rtpmap:{VIDEO_VP8} VP8/90000",
        f"a=rtcp-fb:{VIDEO_VP8} nack",
        f"a=rtcp-fb:{VIDEO_VP8} nack pli",
        f"a=rtcp-fb:{VIDEO_VP8} goog-remb",
    ),
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """ICE credentials of ours (RFC 8445 section 5.3)."""

    ufrag: str = field(default_factory=lambda: secrets.token_hex(4))
    pwd: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a light peer needs of an answer: `fingerprints` as (algorithm, value); `ssrcs` the
    node's streams in the order of the sections, 0 for a section without one."""

    ufrag: str
    pwd: str
    fingerprints: tuple[tuple[str, str], ...]
    host: str
    port: int
    ssrcs: tuple[int, ...]


def write_offer(
    kinds: Sequence[str],
    direction: str,
    mine: Credentials,
    fingerprint: str,
    video: Sequence[str] = ("H264",),
) -> str:
    """Return an offer with one section for each of `kinds` ("audio", "video").

    `video` names the codecs of the pictures, the preferred one first."""
    mids = " ".join(str(index) for index in range(len(kinds)))
    number = secrets.randbits(62)
    lines = ["v=0", f"o=- {number} 1 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    for index, kind in enumerate(kinds):
        codecs = ("OPUS",) if kind == "audio" else video
        formats = " ".join(str(PAYLOAD_TYPES[name]) for name in codecs)
        lines += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {formats}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{index}",
            f"a={direction}",
            "a=rtcp-mux",
            f"a=ice-ufrag:{mine.ufrag}",
            f"a=ice-pwd:{mine.pwd}",
            f"a=fingerprint:sha-256 {fingerprint}",
            "a=setup:active",
            *(line for name in codecs for line in CODEC_LINES[name]),
        ]
    return "\r\n".join(lines) + "\r\n"


def read_answer(text: str) -> Answer:
    """Return what the answer says; raise SdpError when credentials or candidates lack."""
    description = parse_sdp(text)
    first = description.sections[0]
    values = {name: description.effective(first, name) for name in ("ice-ufrag", "ice-pwd")}
    fingerprint = description.effective(first, "fingerprint")
    candidates = [line.split() for line in first.attributes.get("candidate", [])]
    usable = [words for words in candidates if len(words) > 5 and words[2].lower() == "udp"]
    if not all(values.values()) or not fingerprint or not usable:
        raise SdpError("no credentials, fingerprint or UDP candidate in the answer")
    algorithm, _, digest = fingerprint.partition(" ")
    ssrcs = tuple(
        int((section.first("ssrc") or "0").split()[0]) for section in description.sections
    )
    return Answer(
        ufrag=str(values["ice-ufrag"]),
        pwd=str(values["ice-pwd"]),
        fingerprints=((algorithm.lower(), digest),),
        host=usable[0][4],
        port=int(usable[0][5]),
        ssrcs=ssrcs,
    )
