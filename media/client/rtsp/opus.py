"""A host's sound as Opus of 48 kHz, stereo, 20 ms a packet: passed on, or decoded and encoded."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av

from media.client.clip.clip import PACKET_SAMPLES, SAMPLE_RATE, pcm_of
from media.client.clip.tone import level

BIT_RATE = 64000
DRIFT = 0.1
"""Seconds between the host's time and the count of samples after which the count starts anew."""

PACKET = PACKET_SAMPLES / SAMPLE_RATE

ToOurTime = Callable[[float | None], float]
"""Maps the host's time in seconds onto ours."""


class PassthroughOpus:
    """Opus goes through as it is; it is decoded only to know how loud it is."""

    def __init__(self) -> None:
        self.loudness = 0.0
        self._decoder: Any = av.CodecContext.create("libopus", "r")
        self._decoder.format, self._decoder.layout = "s16", "stereo"
        self._decoder.sample_rate = SAMPLE_RATE

    def packets(self, packet: Any, to_our_time: ToOurTime) -> Iterator[tuple[bytes, float]]:
        """Return the Opus packets of one packet of the host, with their times."""
        for frame in self._decoder.decode(av.Packet(bytes(packet))):
            self.loudness = level(pcm_of(frame))
        yield bytes(packet), to_our_time(own_time(packet))


class EncodedOpus:
    """Anything that libav decodes becomes Opus."""

    def __init__(self, decoder: Any) -> None:
        self.loudness = 0.0
        self._decoder = decoder
        self._resampler = av.AudioResampler("s16", "stereo", SAMPLE_RATE, PACKET_SAMPLES)
        self._encoder: Any = av.CodecContext.create("libopus", "w")
        self._encoder.sample_rate, self._encoder.layout = SAMPLE_RATE, "stereo"
        self._encoder.format, self._encoder.bit_rate = "s16", BIT_RATE
        self._encoder.time_base = Fraction(1, SAMPLE_RATE)
        self._samples = 0
        self._start: float | None = None
        self._made = 0

    def packets(self, packet: Any, to_our_time: ToOurTime) -> Iterator[tuple[bytes, float]]:
        """Return the Opus packets that one packet of the host completes, with their times.

        Raises av.FFmpegError for sound that cannot be decoded.
        """
        began = to_our_time(own_time(packet))
        for frame in self._decoder.decode(packet):
            self._anchor(began)
            frame.pts = None
            self._samples += round(frame.samples * SAMPLE_RATE / frame.sample_rate)
            for piece in self._resampler.resample(frame):
                yield from self._encode(piece)

    def _anchor(self, began: float) -> None:
        """Count from `began` where the host's time and our count have come apart."""
        due = None if self._start is None else self._start + self._samples / SAMPLE_RATE
        if due is None or abs(began - due) > DRIFT:
            self._start = began - self._samples / SAMPLE_RATE

    def _encode(self, frame: Any) -> Iterator[tuple[bytes, float]]:
        self.loudness = level(pcm_of(frame))
        frame.pts, frame.time_base = self._made * PACKET_SAMPLES, Fraction(1, SAMPLE_RATE)
        for packet in self._encoder.encode(frame):
            assert self._start is not None  # noqa: S101 - a frame was anchored before it
            yield bytes(packet), self._start + self._made * PACKET
            self._made += 1


def own_time(packet: Any) -> float | None:
    """Return the host's time of a packet in seconds, None where it gives none."""
    ticks = packet.pts if packet.pts is not None else packet.dts
    return None if ticks is None else float(ticks * packet.time_base)
