"""The demo clips, made once for a whole test run."""

import shutil
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av

from media.client.clip.clip import VARIANTS, VERSION, Clip, clip_path, prepare_clip


def clip_folder() -> Path:
    """Where test runs keep their clips: the system's folder for temporary files."""
    return Path(tempfile.gettempdir()) / f"tongke-test-clips-{VERSION}"


@cache
def clip(variant: str = "blue") -> Clip:
    """Return a clip, made where no test run made it before."""
    return prepare_clip(clip_folder(), VARIANTS[variant], lambda text: None)


def lend_clip(directory: Path, variant: str = "blue") -> None:
    """Put a clip where a terminal looks for its own, so that it need not make one."""
    clip(variant)
    kept = clip_path(clip_folder(), VARIANTS[variant])
    shutil.copy(kept, clip_path(directory, VARIANTS[variant]))


def film(b_frames: int) -> Iterator[bytes]:
    """Thirty small pictures of a moving edge, in which an encoder has a use for B-frames."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 64, 64, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {
        "x264-params": f"bframes={b_frames}:b-adapt=0:keyint=30:scenecut=0:repeat-headers=1"
    }
    for index in range(30):
        frame = av.VideoFrame(64, 64, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes((at + index * 3) % 256 for at in range(plane.buffer_size)))
        frame.pts = index
        yield from map(bytes, encoder.encode(frame))
    yield from map(bytes, encoder.encode(None))
