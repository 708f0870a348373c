"""Packets that came together, cut where something new has to be worked out.

Most of what a track decides holds for a whole frame: whose it is, where it lies in the numbering,
what its time is. Asked once for ten packets, it costs the path a tenth.
"""

from collections.abc import Iterable

from media.packets.rtp import RtpPacket


def pieces(packets: Iterable[RtpPacket]) -> list[list[RtpPacket]]:
    """Return the packets in pieces: each packet of a piece directly follows the one before it in
    the same frame. Probes (padding only) and whatever came out of order stand alone.
    """
    found: list[list[RtpPacket]] = []
    before: RtpPacket | None = None
    for packet in packets:
        if before is not None and _continues(packet, before):
            found[-1].append(packet)
        else:
            found.append([packet])
        before = packet
    return found


def _continues(packet: RtpPacket, before: RtpPacket) -> bool:
    return (
        packet.sequence == (before.sequence + 1) & 0xFFFF
        and packet.timestamp == before.timestamp
        and packet.ssrc == before.ssrc
        and packet.payload_type == before.payload_type
        and not before.marker
        and bool(packet.payload and before.payload)
    )
