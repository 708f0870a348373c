"""Something like speech in Opus with in-band forward error correction (RFC 6716 section 2.1.7)."""

import math
from array import array
from fractions import Fraction

import av

RATE, SAMPLES = 48_000, 960
"""Opus packets of 20 ms."""
PITCH = 140
"""Hz."""


def speech(seconds: int) -> tuple[bytes, ...]:
    """Return packets that repeat the last one's words at a lower rate, for whoever lost it."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.format, encoder.layout = RATE, "s16", "mono"
    encoder.time_base, encoder.bit_rate = Fraction(1, RATE), 32_000
    encoder.options = {"application": "voip", "fec": "1", "packet_loss": "20"}
    coded = []
    for first in range(0, seconds * RATE, SAMPLES):
        frame = av.AudioFrame("s16", "mono", SAMPLES)
        frame.planes[0].update(array("h", map(_sample, range(first, first + SAMPLES))).tobytes())
        frame.sample_rate, frame.pts = RATE, first
        coded += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(coded)


def _sample(at: int) -> int:
    """A vowel: harmonics of a pitch that sways, in syllables of a quarter of a second."""
    time = at / RATE
    phase = 2 * math.pi * (PITCH * time + 3 * math.sin(2 * math.pi * 2 * time))
    tone = sum(math.sin(number * phase) / number for number in range(1, 12))
    return int(6000 * tone * (0.6 + 0.4 * math.sin(2 * math.pi * 4 * time)))
