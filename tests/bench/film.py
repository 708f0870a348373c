"""What the benches publish: H.264 from a real encoder, 1280x720, 30/s, 2.8 Mbit/s, and Opus.

The film is groups of ten seconds, each of which begins with a keyframe. A publisher that is asked
for a keyframe leaves its group and begins the next one: the picture jumps, but each stream is one
that an encoder made, in sizes that an encoder gives, and publishing it costs no encoder.
"""

import os
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
from aiortc.codecs.h264 import H264Encoder, h264_depayload
from av.video.frame import PictureType

from tests.support.clips import clip

VERSION = 1
"""Part of the file's name: raise it when the film changes."""

WIDTH, HEIGHT, RATE, GROUP, GROUPS = 1280, 720, 30, 300, 3
BIT_RATE = 2_800_000
SOURCE = f"H.264 {WIDTH}x{HEIGHT} {RATE}/s {BIT_RATE / 1e6} Mbit/s and Opus"
SCENE = f"testsrc2=size={WIDTH}x{HEIGHT}:rate={RATE},noise=alls=6:allf=t,format=yuv420p"
X264 = {
    "preset": "veryfast",
    "tune": "zerolatency",
    "level": "31",
    "maxrate": str(BIT_RATE),
    "bufsize": str(BIT_RATE // 2),
    "x264-params": f"keyint={GROUP}:min-keyint={GROUP}:scenecut=0:bframes=0:repeat-headers=1:"
    "sliced-threads=0",
}

Frame = tuple[bytes, ...]
"""The RTP payloads of a picture (RFC 6184, FU-A of 1,300 octets at most)."""


@dataclass(frozen=True, slots=True)
class Film:
    """`groups` of pictures, a keyframe first; `sound` one Opus packet every 20 ms."""

    groups: tuple[tuple[Frame, ...], ...]
    sound: tuple[bytes, ...]

    @property
    def keyframes(self) -> frozenset[bytes]:
        """The access units that the groups begin with, put together from their payloads."""
        return frozenset(depacketised(group[0]) for group in self.groups)

    @property
    def keyframe_packets(self) -> tuple[int, ...]:
        return tuple(len(group[0]) for group in self.groups)


def depacketised(payloads: Frame) -> bytes:
    """Return a picture as Annex-B."""
    return b"".join(h264_depayload(payload) for payload in payloads)


@cache
def film() -> Film:
    """Return the film, encoded where no bench did it before (seconds)."""
    path = Path(tempfile.gettempdir()) / f"tongke-bench-film-{VERSION}.nut"
    if not path.exists():
        _encode(path)
    packer = H264Encoder()
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux() if packet.size]
        pictures = [tuple(packer.pack(packet)[0]) for packet in packets]
        starts = [index for index, packet in enumerate(packets) if packet.is_keyframe]
    assert starts == list(range(0, GROUP * GROUPS, GROUP)), "not the film that was encoded"
    groups = tuple(tuple(pictures[start : start + GROUP]) for start in starts)
    return Film(groups, clip().audio)


def _encode(path: Path) -> None:
    """Write the film, whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    scene = _scene()
    with av.open(str(partial), "w", format="nut") as container:
        stream: Any = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate, stream.options = BIT_RATE, X264
        stream.codec_context.profile = "Baseline"
        for index in range(GROUP * GROUPS):
            picture = scene.pull()
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            picture.pict_type = PictureType.NONE  # the scene marks each one as a keyframe
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    partial.replace(path)


def _scene() -> Any:
    """Return a source of moving pictures with some grain, which gives an encoder work."""
    graph = av.filter.Graph()
    chain = [graph.add(*step.split("=", 1)) for step in SCENE.split(",")]
    chain.append(graph.add("buffersink"))
    graph.link_nodes(*chain).configure()
    return graph
