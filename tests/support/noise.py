"""A noisy camera for Chromium: a Y4M film that no encoder can make small."""

import os
import random
import tempfile
from pathlib import Path

WIDTH, HEIGHT, RATE, FRAMES = 1280, 720, 25, 25
VERSION = 1
NOISE = bytes(96 + value // 4 for value in range(256))
"""Luma of a random octet: grain of +-32 around a middle grey."""


def noisy_film() -> Path:
    """Return the film (35 MB), made where no test run made it before."""
    folder = Path(tempfile.gettempdir()) / f"tongke-test-noise-{VERSION}"
    folder.mkdir(exist_ok=True)
    film = folder / "noisy.y4m"
    if not film.exists():
        unfinished = folder / f"noisy.{os.getpid()}.part"
        chance = random.Random(720)
        grey = bytes([128]) * (WIDTH * HEIGHT // 2)
        with unfinished.open("wb") as file:
            file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420\n".encode())
            for _ in range(FRAMES):
                luma = chance.randbytes(WIDTH * HEIGHT).translate(NOISE)
                file.write(b"FRAME\n" + luma + grey)
        unfinished.replace(film)
    return film
