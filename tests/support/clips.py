"""The demo clips, made once for a whole test run."""

import tempfile
from functools import cache
from pathlib import Path

from media.client.clip import VARIANTS, VERSION, Clip, prepare_clip


def clip_folder() -> Path:
    """Where test runs keep their clips: the system's folder for temporary files."""
    return Path(tempfile.gettempdir()) / f"tongke-test-clips-{VERSION}"


@cache
def clip(variant: str = "blue") -> Clip:
    """Return a clip, made where no test run made it before."""
    return prepare_clip(clip_folder(), VARIANTS[variant], lambda text: None)
