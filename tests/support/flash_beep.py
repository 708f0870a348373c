"""A film for measuring lip-sync: a second in which the picture flashes while a beep is heard.

Encoded once; plays in a loop, for it begins with a keyframe. Every picture has other content, so
that a decoder that stands still is noticed.
"""

import math
from array import array
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from random import Random

import av
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import PACKET_MAX

PICTURES = 20
"""A second."""
SYLLABLES = 50
"""Opus packets a second, of 20 ms."""
FLASH = 0.2
"""Seconds of the flash and of the beep, from the second's beginning."""
WIDTH, HEIGHT = 320, 240
GRAIN = 20
"""Levels of noise in the lower half."""
BEEP = 1000
"""Hz."""
RATE = 48_000
OPUS_DELAY = 0.0065
"""Seconds by which libopus is late (312 samples of look-ahead)."""

ENCODERS = {
    "H264": ("libx264", {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}),
    "VP8": ("libvpx", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}),
}


@dataclass(frozen=True, slots=True)
class Film:
    """`pictures` as lists of RTP payloads without a VP8 descriptor; `sound` as Opus packets."""

    codec: str
    pictures: tuple[tuple[bytes, ...], ...]
    sound: tuple[bytes, ...]


@cache
def film(codec: str) -> Film:
    """Return the film in "H264" or "VP8"."""
    pictures = tuple(tuple(_payloads(codec, data)) for data in _encode_pictures(codec))
    return Film(codec, pictures, _encode_sound())


def _encode_pictures(codec: str) -> list[bytes]:
    name, options = ENCODERS[codec]
    encoder = av.CodecContext.create(name, "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, PICTURES), Fraction(PICTURES)
    encoder.bit_rate, encoder.gop_size = 800_000, PICTURES
    encoder.options = options
    coded, chance = [], Random(7)
    for index in range(PICTURES):
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        light = 235 if index < FLASH * PICTURES else 40
        for plane, level in zip(frame.planes, (light, 128, 128), strict=True):
            picture = bytearray([level]) * plane.buffer_size
            lower = range(plane.buffer_size // 2, plane.buffer_size)
            for at in lower:  # so that a keyframe takes many packets
                picture[at] += chance.randrange(GRAIN)
            plane.update(bytes(picture))
        frame.pts = index
        coded += [bytes(packet) for packet in encoder.encode(frame)]
    coded += [bytes(packet) for packet in encoder.encode(None)]
    assert len(coded) == PICTURES
    return coded


def _payloads(codec: str, data: bytes) -> list[bytes]:
    """Split a coded picture for RTP: RFC 6184, or RFC 7741 without its descriptor."""
    if codec == "H264":
        return H264Encoder._packetize(H264Encoder._split_bitstream(data))
    return [data[at : at + PACKET_MAX - 16] for at in range(0, len(data), PACKET_MAX - 16)]


def _encode_sound() -> tuple[bytes, ...]:
    """Return the middle one of three seconds: its seams are those of the loop."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.format, encoder.layout = RATE, "s16", "stereo"
    encoder.time_base = Fraction(1, RATE)
    coded = []
    for index in range(3 * SYLLABLES):
        frame = av.AudioFrame("s16", "stereo", RATE // SYLLABLES)
        first = index * RATE // SYLLABLES
        samples = array("h")
        for at in range(first, first + RATE // SYLLABLES):
            loud = (at + round(OPUS_DELAY * RATE)) % RATE < FLASH * RATE
            level = int(8000 * math.sin(2 * math.pi * BEEP * at / RATE)) if loud else 0
            samples.extend((level, level))
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate, frame.pts = RATE, first
        coded += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(coded[SYLLABLES : 2 * SYLLABLES])
