"""What a recording host for tests may send as sound: the clip's tone in Opus, AAC or G.711."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av

from media.client.clip.clip import PACKET_SAMPLES, SAMPLE_RATE, Clip, _audio_frame

AUDIO = 97
AAC_SAMPLES = 1024


@dataclass
class Sound:
    """Encoded sound: its lines of the description, its packets and the samples of each."""

    description: str
    packets: list[bytes]
    samples: int
    payload_type: int = AUDIO
    rate: int = SAMPLE_RATE


def opus_sound(clip: Clip) -> Sound:
    description = f"a=rtpmap:{AUDIO} opus/48000/2\r\n"
    return Sound(description, list(clip.audio), PACKET_SAMPLES)


def aac_sound(clip: Clip) -> Sound:
    """The clip's tone as AAC, packed as RFC 3640 says (AAC-hbr, one access unit a packet)."""
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SAMPLE_RATE, "stereo", "fltp"
    encoder.time_base, encoder.bit_rate = Fraction(1, SAMPLE_RATE), 96000
    resampler = av.AudioResampler("fltp", "stereo", SAMPLE_RATE, AAC_SAMPLES)
    packets = []
    for index in range(500):
        for frame in resampler.resample(_audio_frame(clip.variant.tone, index)):
            packets += [bytes(packet) for packet in encoder.encode(frame)]
    config = bytes(encoder.extradata or b"").hex()
    description = (
        f"a=rtpmap:{AUDIO} mpeg4-generic/{SAMPLE_RATE}/2\r\n"
        f"a=fmtp:{AUDIO} profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;"
        f"indexdeltalength=3;config={config}\r\n"
    )
    return Sound(description, [_aac_payload(p) for p in packets[4:]], AAC_SAMPLES)


def g711_sound(codec: str) -> Callable[[Clip], Sound]:
    """Return what makes the clip's tone in G.711: "pcmu" or "pcma", both of static types (RFC
    3551), which need no line of their own."""

    def make(clip: Clip) -> Sound:
        name, payload_type = {"pcmu": ("pcm_mulaw", 0), "pcma": ("pcm_alaw", 8)}[codec]
        encoder = av.CodecContext.create(name, "w")
        encoder.sample_rate, encoder.layout, encoder.format = 8000, "mono", "s16"
        encoder.time_base = Fraction(1, 8000)
        resampler = av.AudioResampler("s16", "mono", 8000, 160)
        packets = []
        for index in range(500):
            for frame in resampler.resample(_audio_frame(clip.variant.tone, index)):
                packets += [bytes(packet) for packet in encoder.encode(frame)]
        return Sound("", packets[4:], 160, payload_type, 8000)

    return make


def _aac_payload(unit: bytes) -> bytes:
    return struct.pack("!HH", 16, len(unit) << 3) + unit
