"""What a terminal plays: how loud the decoded sound is, and whether a certain tone is in it. Pure.

Sound comes as interleaved 16-bit stereo at 48 kHz, as aiortc's Opus decoder gives it. One sample in
four of the left side suffices: a level and a tone below 1 kHz need no more.
"""

import array
import math
from collections.abc import Sequence

SAMPLE_RATE = 48000
THINNING = 4
STEP = 2 * THINNING


def thinned(pcm: bytes) -> Sequence[int]:
    """Return every fourth left sample (12 kHz) of interleaved stereo."""
    return array.array("h", pcm)[::STEP]


def level(pcm: bytes) -> float:
    """Return the RMS (0 to 1) of interleaved 16-bit stereo; 0 for no samples."""
    return rms(thinned(pcm))


def rms(samples: Sequence[int]) -> float:
    """Return the RMS (0 to 1) of 16-bit samples."""
    if not samples:
        return 0.0
    return math.sqrt(sum(map(_square, samples)) / len(samples)) / 32768


def _square(sample: int) -> int:
    return sample * sample


def tone_share(
    samples: Sequence[int], hertz: float, sample_rate: int = SAMPLE_RATE // THINNING
) -> float:
    """Return the share (0 to about 1) of the samples' energy that lies at `hertz`.

    Goertzel's algorithm over the whole sequence: its resolution is sample_rate / len(samples) Hz.
    """
    energy = sum(map(_square, samples))
    if energy == 0:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * hertz / sample_rate)
    last = before = 0.0
    for sample in samples:
        last, before = sample + factor * last - before, last
    power = last * last + before * before - factor * last * before
    return 2 * power / (len(samples) * energy)
