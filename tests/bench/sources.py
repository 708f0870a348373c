"""What is sent through a server under measurement: packets at a pace, the same for all servers."""

import asyncio
import os
import secrets
from collections.abc import Callable, Iterator, Sequence

from media.packets.rtp import RtpPacket
from tests.bench.film import RATE, SOURCE, film
from tests.support.offer import AUDIO, VIDEO

BURST, PAYLOAD = 10, 1150
KEYFRAME_EVERY = 30
IDR, SLICE = b"\x65", b"\x41"
"""First octets of single NAL units (RFC 6184 section 5.6): a keyframe's and another picture's."""
CLOCK_RATES = {VIDEO: 90_000, AUDIO: 48_000}
SOUND_RATE = 50
PICTURE, SOUND = SOURCE.removesuffix(" and Opus"), f"Opus {SOUND_RATE}/s"
"""The film's streams, for the load of a result."""

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


def pictures() -> Iterator[Frame]:
    """The film's pictures for ever."""
    while True:
        for group in film().groups:
            yield from group


def sounds() -> Iterator[Frame]:
    """Opus, 20 ms a packet, for ever."""
    while True:
        for packet in film().sound:
            yield [packet]


class Source:
    """One RTP stream, `frame_rate` frames a second; counts packets and octets of payload."""

    def __init__(
        self, send: Send, frames: Iterator[Frame], frame_rate: float, payload_type: int = VIDEO
    ) -> None:
        self.sent = self.octets = 0
        self._send, self._frames, self._step = send, frames, 1 / frame_rate
        self._payload_type = payload_type
        self._ticks = CLOCK_RATES[payload_type] / frame_rate
        self._ssrc = secrets.randbits(32)
        self._count = 0
        self._due = 0.0

    def send_frame(self) -> None:
        """Send one frame at once; its last packet bears the marker if it is a picture."""
        frame = next(self._frames)
        timestamp = round(self._ticks * self._count) & 0xFFFFFFFF
        self._count += 1
        for left, payload in zip(range(len(frame) - 1, -1, -1), frame, strict=True):
            last = left == 0 and self._payload_type == VIDEO
            sequence = self.sent & 0xFFFF
            packet = RtpPacket(last, self._payload_type, sequence, timestamp, self._ssrc, payload)
            self._send(packet.pack())
            self.sent += 1
            self.octets += len(payload)

    async def play(self, seconds: float) -> None:
        """Send at the pace for so long, and return when the next frame is due.

        What was sent has then had one interval to get through: a window from the end of one call
        to the end of the next holds whole frames only.
        """
        clock = asyncio.get_running_loop().time
        self._due = max(self._due, clock())
        end = self._due + seconds
        while self._due < end:
            self.send_frame()
            self._due += self._step
            await asyncio.sleep(max(0.0, self._due - clock()))


class Program:
    """Streams that play together."""

    def __init__(self, *sources: Source) -> None:
        self._sources = sources

    @property
    def sent(self) -> int:
        return sum(source.sent for source in self._sources)

    async def play(self, seconds: float) -> None:
        await asyncio.gather(*(source.play(seconds) for source in self._sources))


def frames_of_ten(send: Send, rate: int) -> Program:
    """The synthetic stream, `rate` packets a second."""
    return Program(Source(send, synthetic(), rate / BURST))


def picture_of(send: Send) -> Source:
    """The film without its sound."""
    return Source(send, pictures(), RATE)


def sound_of(send: Send) -> Source:
    """The film's sound."""
    return Source(send, sounds(), SOUND_RATE, AUDIO)
