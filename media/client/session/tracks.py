"""A clip as two aiortc tracks that hand out encoded packets at the clip's own pace, in a loop.

aiortc packs an `av.Packet` from a track without encoding it (RTCRtpSender: "pack the pre-encoded
data"), so publishing costs no codec work. Timestamps grow without a break over the loop's seam.
"""

import asyncio
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
from aiortc import MediaStreamTrack

from media.client.clip.clip import PACKET_SAMPLES, SAMPLE_RATE, Clip
from media.client.clip.picture import RATE

LATE = 1.0
"""Seconds behind after which a track skips ahead instead of sending a burst."""


class Pace:
    """The common start of a clip's two tracks: both count from the first packet of either."""

    def __init__(self) -> None:
        self._start: float | None = None

    def elapsed(self) -> float:
        """Return the seconds since the first call."""
        now = asyncio.get_running_loop().time()
        if self._start is None:
            self._start = now
        return now - self._start


class LoopTrack(MediaStreamTrack):
    """One stream of a clip. `recv` returns the next packet when it is due."""

    def __init__(self, kind: str, packets: Sequence[bytes], step: Fraction, pace: Pace) -> None:
        super().__init__()
        self.kind = kind
        self.sent = 0
        self._packets = packets
        self._step = step
        self._pace = pace
        self._next = 0

    async def recv(self) -> "av.Packet[Any]":
        """Wait until the next packet is due and return it; `pts` counts steps from the start."""
        wait = float(self._next * self._step) - self._pace.elapsed()
        if wait > 0:
            await asyncio.sleep(wait)
        elif wait < -LATE:
            self._skip_to(self._pace.elapsed())
        packet = av.Packet(self._packets[self._next % len(self._packets)])
        packet.pts = packet.dts = self._next
        packet.time_base = self._step
        self._next += 1
        self.sent += 1
        return packet

    def _skip_to(self, elapsed: float) -> None:
        """Go on at the first random access point that is not over yet."""
        self._next = int(elapsed / float(self._step)) // self.group * self.group + self.group

    @property
    def group(self) -> int:
        """Packets between two random access points: one second of pictures, one of sound."""
        return RATE if self.kind == "video" else 1


def tracks_of(clip: Clip) -> tuple[LoopTrack, LoopTrack]:
    """Return the sound and the picture of `clip`, in step with one another."""
    pace = Pace()
    sound = LoopTrack("audio", clip.audio, Fraction(PACKET_SAMPLES, SAMPLE_RATE), pace)
    picture = LoopTrack("video", clip.video, Fraction(1, RATE), pace)
    return sound, picture
