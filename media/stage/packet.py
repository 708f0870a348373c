"""A packet on its way through a stage."""

from typing import NamedTuple


class StagePacket(NamedTuple):
    """A packet in a track's own numbering, the same whatever source it came from.

    `sequence` is unwrapped, `timestamp` 32 bits; `keyframe` marks packets that a decoder can begin
    with; `codec` is the upper-case name that each viewer's payload type is looked up by. `pad`
    octets of RTP padding are written behind the payload, so that a frame's packets are equally
    long; they belong to the packet for ever, for a retransmission must be byte-identical.
    """

    sequence: int
    timestamp: int
    marker: bool
    keyframe: bool
    codec: str
    payload: bytes
    pad: int = 0
