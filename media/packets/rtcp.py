"""RTCP as far as a relay reads and writes it (RFC 3550, 4585, 5104; REMB by its draft)."""

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
NACK_FORMAT = 1
PLI_FORMAT, FIR_FORMAT, APPLICATION_FORMAT = 1, 4, 15
COMMON = struct.Struct(">BBH")
MAX_NACKED = 512
SENDER, BLOCK, PAIR, WORDS = (struct.Struct(form) for form in (">IQIII", ">IIIIII", ">HH", ">II"))


class RtcpError(ValueError):
    """this is not a compound RTCP packet"""


class SenderReport(NamedTuple):
    """`ntp` is 64 bits of NTP time, `timestamp` the RTP time of the same moment."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int = 0
    octets: int = 0


class ReportBlock(NamedTuple):
    """One reception report; `fraction_lost` of 256, `jitter` in timestamp units."""

    ssrc: int
    fraction_lost: int
    total_lost: int
    highest: int
    jitter: int
    last_sr: int = 0
    since_last_sr: int = 0


class Nack(NamedTuple):
    ssrc: int
    sequences: tuple[int, ...]


class KeyframeRequest(NamedTuple):
    """PLI or FIR: they ask for the same."""

    ssrc: int


class Remb(NamedTuple):
    """Receiver estimated maximum bit rate in bit/s."""

    bitrate: int
    ssrcs: tuple[int, ...]


class Bye(NamedTuple):
    ssrcs: tuple[int, ...]


RtcpItem = SenderReport | ReportBlock | Nack | KeyframeRequest | Remb | Bye


def parse_rtcp(data: bytes) -> list[RtcpItem]:
    """Return what a compound packet says; raise RtcpError where its framing is broken.

    Unknown packet types are passed over, as RFC 3550 section 6.1 asks.
    """
    items: list[RtcpItem] = []
    at = 0
    while at < len(data):
        if at + COMMON.size > len(data):
            raise RtcpError("short header")
        first, kind, words = COMMON.unpack_from(data, at)
        end = at + 4 + 4 * words
        if first & 0xC0 != 0x80 or end > len(data):
            raise RtcpError("version or length")
        items += _parse_one(kind, first & 0x1F, data[at + 4 : end])
        at = end
    return items


def _parse_one(kind: int, count: int, body: bytes) -> list[RtcpItem]:
    try:
        if kind == SR:
            ssrc, ntp, timestamp, packets, octets = SENDER.unpack_from(body)
            report = SenderReport(ssrc, ntp, timestamp, packets, octets)
            return [report, *_blocks(body[24:], count)]
        if kind == RR:
            return list(_blocks(body[4:], count))
        if kind == BYE:
            return [Bye(struct.unpack_from(f">{count}I", body))]
        if kind == RTPFB and count == NACK_FORMAT:
            return [_nack(body)]
        if kind == PSFB:
            return _payload_feedback(count, body)
    except struct.error:
        raise RtcpError("a field runs over the end") from None
    return []


def _blocks(body: bytes, count: int) -> Iterable[ReportBlock]:
    for index in range(count):
        ssrc, lost, highest, jitter, lsr, dlsr = BLOCK.unpack_from(body, 24 * index)
        yield ReportBlock(ssrc, lost >> 24, lost & 0xFFFFFF, highest, jitter, lsr, dlsr)


def _nack(body: bytes) -> Nack:
    """RFC 4585 section 6.2.1: a packet id and a bit mask of the 16 that follow."""
    _sender, ssrc = WORDS.unpack_from(body)
    wanted: list[int] = []
    for at in range(8, len(body), 4):
        base, mask = PAIR.unpack_from(body, at)
        wanted.append(base)
        if mask:
            wanted += [(base + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return Nack(ssrc, tuple(wanted[:MAX_NACKED]))


def _payload_feedback(form: int, body: bytes) -> list[RtcpItem]:
    _sender, ssrc = WORDS.unpack_from(body)
    if form == PLI_FORMAT:
        return [KeyframeRequest(ssrc)]
    if form == FIR_FORMAT:
        starts = range(8, len(body) - 7, 8)
        return [KeyframeRequest(struct.unpack_from(">I", body, at)[0]) for at in starts]
    if form == APPLICATION_FORMAT and body[8:12] == b"REMB":
        (packed,) = struct.unpack_from(">I", body, 12)
        exponent, mantissa = packed >> 18 & 0x3F, packed & 0x3FFFF
        ssrcs = struct.unpack_from(f">{packed >> 24}I", body, 16)
        return [Remb(mantissa << exponent, ssrcs)]
    return []


def pack_sender_report(report: SenderReport) -> bytes:
    """Return an SR without report blocks."""
    body = struct.pack(
        ">IQIII", report.ssrc, report.ntp, report.timestamp, report.packets, report.octets
    )
    return COMMON.pack(0x80, SR, len(body) // 4) + body


def pack_receiver_report(sender: int, blocks: Sequence[ReportBlock]) -> bytes:
    """Return an RR with up to 31 blocks."""
    body = struct.pack(">I", sender)
    for block in blocks[:31]:
        lost = block.fraction_lost << 24 | max(0, min(block.total_lost, 0x7FFFFF))
        body += struct.pack(
            ">IIIIII",
            block.ssrc,
            lost,
            block.highest,
            block.jitter,
            block.last_sr,
            block.since_last_sr,
        )
    return COMMON.pack(0x80 | len(blocks[:31]), RR, len(body) // 4) + body


def pack_cname(ssrc: int, cname: str) -> bytes:
    """Return an SDES chunk: every compound packet carries one (RFC 3550 section 6.1)."""
    item = struct.pack(">IBB", ssrc, 1, len(cname)) + cname.encode()
    chunk = item + bytes(4 - len(item) % 4)
    return COMMON.pack(0x81, SDES, len(chunk) // 4) + chunk


def pack_pli(sender: int, ssrc: int) -> bytes:
    return COMMON.pack(0x80 | PLI_FORMAT, PSFB, 2) + struct.pack(">II", sender, ssrc)


def pack_nack(sender: int, ssrc: int, sequences: Iterable[int]) -> bytes:
    """Return a generic NACK that asks for these sequence numbers."""
    pairs: list[list[int]] = []
    for sequence in sorted(set(sequences)):
        if pairs and 0 < sequence - pairs[-1][0] <= 16:
            pairs[-1][1] |= 1 << (sequence - pairs[-1][0] - 1)
        else:
            pairs.append([sequence, 0])
    body = b"".join(struct.pack(">HH", *pair) for pair in pairs)
    head = COMMON.pack(0x80 | NACK_FORMAT, RTPFB, 2 + len(pairs))
    return head + struct.pack(">II", sender, ssrc) + body


def pack_remb(sender: int, bitrate: int, ssrcs: Sequence[int]) -> bytes:
    """Return a REMB packet for `bitrate` bit/s."""
    exponent = max(0, bitrate.bit_length() - 18)
    packed = len(ssrcs) << 24 | exponent << 18 | bitrate >> exponent
    body = struct.pack(f">II4sI{len(ssrcs)}I", sender, 0, b"REMB", packed, *ssrcs)
    return COMMON.pack(0x80 | APPLICATION_FORMAT, PSFB, len(body) // 4) + body


def pack_bye(ssrcs: Sequence[int]) -> bytes:
    """Return a BYE for up to 31 sources (RFC 3550 section 6.6)."""
    ssrcs = ssrcs[:31]
    return COMMON.pack(0x80 | len(ssrcs), BYE, len(ssrcs)) + struct.pack(f">{len(ssrcs)}I", *ssrcs)
