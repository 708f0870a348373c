"""Sends a gathered frame to every live subscriber."""

from collections.abc import Sequence

from media.stage.packet import StagePacket
from media.stage.subscriber import Subscriber


def fan_out_singly(frame: Sequence[StagePacket], subscribers: Sequence[Subscriber]) -> None:
    """Rewrite, protect and send packet by packet: the path that works everywhere."""
    for subscriber in tuple(subscribers):
        for packet in frame:
            subscriber.send(packet)
