"""What is sent through a server under measurement: frames of packets, at a pace."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence

from media.client.offer import VIDEO
from media.packets.rtp import RtpPacket

BURST, PAYLOAD = 10, 1150
KEYFRAME_EVERY = 30
IDR, SLICE = b"\x65", b"\x41"
"""First octets of single NAL units (RFC 6184 section 5.6): a keyframe's and another picture's."""

Send = Callable[[bytes], object]
Frame = Sequence[bytes]
"""RTP payloads of one picture, in order."""


def synthetic() -> Iterator[Frame]:
    """Pictures of BURST packets of equal length, a keyframe every KEYFRAME_EVERY pictures."""
    filling = os.urandom(PAYLOAD - 1)
    other = [SLICE + filling] * BURST
    while True:
        yield [IDR + filling, *other[1:]]
        for _ in range(KEYFRAME_EVERY - 1):
            yield other


class Source:
    """Sends pictures as RTP, `frame_rate` a second; `sent` counts packets, `octets` payload."""

    def __init__(self, send: Send, frames: Iterator[Frame], frame_rate: float) -> None:
        self.sent = self.octets = 0
        self._send, self._frames, self._step = send, frames, 1 / frame_rate
        self._pictures = 0
        self._due = 0.0

    def send_frame(self) -> None:
        """Send one picture at once."""
        frame = next(self._frames)
        timestamp = round(90_000 * self._step * self._pictures) & 0xFFFFFFFF
        self._pictures += 1
        for index, payload in enumerate(frame):
            last = index == len(frame) - 1
            packet = RtpPacket(last, VIDEO, self.sent & 0xFFFF, timestamp, 7, payload)
            self._send(packet.pack())
            self.sent += 1
            self.octets += len(payload)

    async def play(self, seconds: float) -> None:
        """Send at the pace for so long, and return when the next picture is due.

        What was sent has then had one interval to get through: a window from the end of one call
        to the end of the next holds whole pictures only.
        """
        clock = asyncio.get_running_loop().time
        self._due = max(self._due, clock())
        end = self._due + seconds
        while self._due < end:
            self.send_frame()
            self._due += self._step
            await asyncio.sleep(max(0.0, self._due - clock()))
