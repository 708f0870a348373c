"""Draws the demo clip's pictures as raw YUV 4:2:0, without a font or an image library. Pure.

A dark calm background, a counter of the clip's seconds in big digits, a grainy ball that swings
once in two seconds (the grain gives every picture some bytes, as a camera does) and a bar that
fills with the loop. Everything returns to its start at the loop's end.
"""

import math
import random
from dataclasses import dataclass

WIDTH, HEIGHT, RATE, SECONDS = 1280, 720, 20, 24

DIGITS = {
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    ":": (0, 4, 0, 0, 0, 4, 0),
    ".": (0, 0, 0, 0, 0, 4, 4),
}
"""Five columns, seven rows: bit 4 of a row is its left column."""

CELL, BALL, TRAVEL = 28, 64, 440
GRAIN = bytes(100 + value // 2 for value in range(256))


@dataclass(frozen=True, slots=True)
class Palette:
    """Background and ink as (Y, U, V), video range."""

    ground: tuple[int, int, int]
    ink: tuple[int, int, int]


@dataclass(slots=True)
class Canvas:
    """Three planes of a picture; `y` has WIDTH bytes a row, `u` and `v` half of both."""

    y: bytearray
    u: bytearray
    v: bytearray


def background(palette: Palette) -> Canvas:
    """Return the still part: a vertical gradient with a faint weave that keeps the codec busy."""
    luma, u, v = palette.ground
    weave = [bytes((x * x // 5 + y) % 5 for x in range(WIDTH)) for y in range(5)]
    rows = bytearray()
    for y in range(HEIGHT):
        base = luma + 14 * y // HEIGHT
        rows += bytes(base + value for value in weave[y % 3])
    quarter = WIDTH * HEIGHT // 4
    return Canvas(rows, bytearray([u]) * quarter, bytearray([v]) * quarter)


def draw(ground: Canvas, palette: Palette, index: int) -> Canvas:
    """Return the picture number `index` of the loop (RATE pictures a second)."""
    canvas = Canvas(bytearray(ground.y), bytearray(ground.u), bytearray(ground.v))
    tenths = index * 10 // RATE
    text = f"{tenths // 600:02}:{tenths // 10 % 60:02}.{tenths % 10}"
    left = (WIDTH - len(text) * 6 * CELL + CELL) // 2
    for place, char in enumerate(text):
        _digit(canvas, palette, char, left + place * 6 * CELL, 190)
    swing = math.sin(math.pi * index / RATE)
    _ball(canvas, palette, int(WIDTH / 2 + TRAVEL * swing), 540, random.Random(index))
    _box(canvas, palette, 0, HEIGHT - 16, WIDTH * (index + 1) // (RATE * SECONDS), 16)
    return canvas


def _digit(canvas: Canvas, palette: Palette, char: str, left: int, top: int) -> None:
    for row, bits in enumerate(DIGITS[char]):
        for column in range(5):
            if bits >> (4 - column) & 1:
                _box(canvas, palette, left + column * CELL, top + row * CELL, CELL, CELL)


def _ball(canvas: Canvas, palette: Palette, x: int, y: int, grain: random.Random) -> None:
    for row in range(-BALL, BALL, 2):
        half = int(math.sqrt(BALL * BALL - row * row)) & ~1
        left = (x - half) & ~1
        _box(canvas, palette, left, y + row, 2 * half, 2)
        at = (y + row) * WIDTH + left
        canvas.y[at : at + 2 * half] = grain.randbytes(2 * half).translate(GRAIN)


def _box(canvas: Canvas, palette: Palette, left: int, top: int, width: int, height: int) -> None:
    """Fill a rectangle with ink; odd edges are rounded down in the colour planes."""
    luma, u, v = palette.ink
    ink = bytes([luma]) * width
    for at in range(top * WIDTH + left, (top + height) * WIDTH + left, WIDTH):
        canvas.y[at : at + width] = ink
    half, start = WIDTH // 2, left // 2
    colours = ((canvas.u, bytes([u]) * (width // 2)), (canvas.v, bytes([v]) * (width // 2)))
    for plane, colour in colours:
        for row in range(top // 2, (top + height) // 2):
            at = row * half + start
            plane[at : at + len(colour)] = colour
