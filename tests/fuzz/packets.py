"""Targets of the UDP port: STUN, RTP with its codecs, RTCP."""

import hmac
import struct

from media.packets import rtcp, stun
from media.packets.codecs import h264_keyframe, vp8_keyframe
from media.packets.demux import classify
from media.packets.rtp import RtpError, RtpPacket, extension, parse_rtp
from media.packets.vp8 import read_descriptor
from tests.fuzz.mutations import spoiled
from tests.fuzz.target import Finding, Make, Target

PASSWORD = b"the password of this node"
STUN_HEAD = struct.Struct(">HHI12s")


def check(
    user: bytes,
    password: bytes = PASSWORD,
    use_candidate: bool = True,
    transaction: bytes = b"transaction.",
) -> bytes:
    """Return a genuine connectivity check."""
    body = struct.pack(">HH", stun.USERNAME, len(user)) + user + bytes(-len(user) % 4)
    body += struct.pack(">HHI", 0x0024, 4, 1)
    if use_candidate:
        body += struct.pack(">HH", stun.USE_CANDIDATE, 0)
    head = STUN_HEAD.pack(1, len(body) + 24, stun.MAGIC_COOKIE, transaction)
    integrity = hmac.digest(password, head + body, "sha1")
    return head + body + struct.pack(">HH", stun.MESSAGE_INTEGRITY, 20) + integrity


STUN_SEEDS = [check(b"ours:theirs"), check(b"x" * 200 + b":y", use_candidate=False), check(b"a:b")]
GENUINE = frozenset(seed[:2] + seed[4:-24] for seed in STUN_SEEDS)
"""What their integrity covers; the length field stands for itself (RFC 8489 section 14.5)."""


def try_stun(data: bytes) -> bool:
    """Only a message whose covered part nobody touched may prove to know the password."""
    try:
        request = stun.parse_binding_request(data)
    except stun.StunError:
        return False
    if request.verified(PASSWORD) and data[:2] + data[4 : request.integrity_at] not in GENUINE:
        raise Finding("a forged check was taken for genuine")
    stun.binding_response(request, ("192.0.2.1", 40_000), PASSWORD)
    return True


RTP_SEEDS = [
    RtpPacket(True, 102, 65_535, 2**32 - 1, 7, b"\x7c\x85" + bytes(40)).pack(),
    RtpPacket(False, 96, 0, 0, 1, b"\x90\x80\x80\x10\x00" + bytes(20)).pack(),
    RtpPacket(False, 102, 9, 9, 9, b"\x18\x00\x02\x67\x42\x00\x03\x68\x01\x02").pack(),
    b"\xb3\x66" + bytes(10) + bytes(12) + b"\xbe\xde\x00\x01\x10\x00\x00\x00" + b"x" * 9 + b"\x05",
]


def try_rtp(data: bytes) -> bool:
    """What was read fits into what came, and is the same once it is written and read again."""
    if classify(data) not in ("rtp", "rtcp", "stun", "dtls", "other"):
        raise Finding("unknown kind")
    try:
        packet = parse_rtp(data)
    except RtpError:
        return False
    if len(packet.payload) > len(data) - 12 or parse_rtp(packet.pack()) != packet:
        raise Finding("the packet changed on its way")
    for wanted in (1, 3, 15):
        extension(data, wanted)
    h264_keyframe(packet.payload)
    vp8_keyframe(packet.payload)
    return True


VP8_SEEDS = [
    b"\x10\x00\x9d\x01\x2a" + bytes(20),
    b"\x90\x80\x12" + bytes(20),
    b"\x90\xf0\x92\x34\x07\x21\x10" + bytes(20),
    b"\x80\xe0\xff\xff\xff\xe0" + bytes(20),
]


def try_vp8(payload: bytes) -> bool:
    """Whatever a descriptor says, its numbers lie within the payload."""
    found = read_descriptor(payload)
    vp8_keyframe(payload)
    if found is None:
        return False
    ends = (found.picture_id_at + 1 + found.wide, found.tl0picidx_at + 1, found.end)
    if max(ends) > max(len(payload), 1 + found.wide):
        raise Finding(f"a number beyond the payload: {found}")
    return True


RTCP_SEEDS = [
    rtcp.pack_sender_report(rtcp.SenderReport(1, 2**63, 3, 4, 5)) + rtcp.pack_cname(1, "tongke"),
    rtcp.pack_receiver_report(1, [rtcp.ReportBlock(2, 255, 2**23, 3, 4, 5, 6)] * 31),
    rtcp.pack_receiver_report(1, []) + rtcp.pack_nack(1, 2, range(0, 900, 3)),
    rtcp.pack_receiver_report(1, []) + rtcp.pack_pli(1, 2) + rtcp.pack_bye([1]),
    rtcp.pack_receiver_report(1, []) + rtcp.pack_remb(1, 2_800_000, [2, 3]),
    rtcp.COMMON.pack(0x84, rtcp.PSFB, 4) + struct.pack(">IIII", 1, 2, 3, 4),
]


def try_rtcp(data: bytes) -> bool:
    """However long a compound packet is, it asks for a bounded number of packets."""
    try:
        items = rtcp.parse_rtcp(data)
    except rtcp.RtcpError:
        return False
    for item in items:
        if isinstance(item, rtcp.Nack) and len(item.sequences) > rtcp.MAX_NACKED:
            raise Finding("a NACK without bounds")
    return True


def _binary(seeds: list[bytes]) -> Make:
    return lambda chance: spoiled(chance, seeds)


PACKETS = {
    "stun": Target(_binary(STUN_SEEDS), try_stun),
    "rtp": Target(_binary(RTP_SEEDS), try_rtp),
    "rtcp": Target(_binary(RTCP_SEEDS), try_rtcp),
    "vp8": Target(_binary(VP8_SEEDS), try_vp8),
}
