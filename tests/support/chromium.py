"""How the tests start Chromium: quietly, in a network that is closed."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or ""

needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium here (Debian's package chromium)"
)

QUIET_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

CAMERA_FLAGS = [
    *QUIET_FLAGS,
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
"""For pages that publish a made-up camera and play with sound."""
