"""The shape of what is fuzzed in process, and the loop that does it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Make = Callable[[random.Random], Any]
Attempt = Callable[[Any], bool]


class Finding(AssertionError):
    """a parser let something through that it must not, or failed in a way that is not its own"""


@dataclass(frozen=True, slots=True)
class Target:
    """`make` builds one input; `attempt` returns whether the parser read it, False when the parser
    refused it with its own error. Any other exception is a finding.
    """

    make: Make
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Figures:
    """`slowest` is the most CPU that one input took, in milliseconds; `grown` is RSS in KiB."""

    count: int
    read: int
    refused: int
    seconds: float
    slowest: float
    grown: int


WARM = 2000
"""Inputs after which memory is looked at for the first time: caches and arenas are filled."""


def fuzz(target: Target, count: int, seed: int) -> Figures:
    """Try `count` inputs; raise Finding with the input that broke the parser."""
    chance = random.Random(seed)
    read, slowest, began = 0, 0.0, time.perf_counter()
    rss = resident()
    for number in range(count):
        if number == WARM:
            rss = resident()
        case = target.make(chance)
        start = time.thread_time()
        try:
            read += target.attempt(case)
        except Exception as error:
            raise Finding(f"input {number} of seed {seed}: {error!r} on {case!r:.2000}") from error
        slowest = max(slowest, time.thread_time() - start)
    seconds = time.perf_counter() - began
    grown = resident() - rss
    return Figures(count, read, count - read, round(seconds, 1), round(slowest * 1e3, 2), grown)


def resident(pid: int | str = "self") -> int:
    """Return the resident memory of a process in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ValueError(f"process {pid} has no memory")
