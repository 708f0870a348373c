"""The demo clips, made once for a whole test run."""

import tempfile
from functools import cache
from pathlib import Path

from media.client.clip import VARIANTS, VERSION, Clip, prepare_clip


@cache
def clip(variant: str = "blue") -> Clip:
    """Return a clip, kept between test runs in the system's folder for temporary files."""
    folder = Path(tempfile.gettempdir()) / f"tongke-test-clips-{VERSION}"
    return prepare_clip(folder, VARIANTS[variant], lambda text: None)
