"""tests.support.standstill: what is late is added up, and a bound grows by that alone."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support.standstill import TICK, Lateness, Stopwatch

WATCHING = """
from tests.support.standstill import Stopwatch
import time
watch = Stopwatch()
print("watching", flush=True)
while watch.seconds < 1.0:
    time.sleep(0.05)
print(watch.stood_still)
"""


def test_only_what_comes_late_is_added_up() -> None:
    lateness, now = Lateness(now=5.0), 5.0
    for late in (0.0, 0.0003, 0.25, 0.0009, 0.5, 0.0):
        now += TICK + late
        lateness.look(now)
        assert lateness.total(now) == lateness.total(now + TICK)
    assert lateness.total(now) == pytest.approx(0.75)


def test_a_look_that_is_still_missing_counts_already() -> None:
    lateness = Lateness(now=5.0)
    assert lateness.total(5.3 + TICK) == pytest.approx(0.3)
    lateness.look(5.4 + TICK)
    assert lateness.total(5.4 + TICK) == pytest.approx(0.4)


class Bench:
    """A clock and two sums of lateness that a test moves."""

    def __init__(self) -> None:
        self.now, self.machine, self.loop = 100.0, 3.0, 7.0
        self.watch = Stopwatch(lambda: self.now, lambda: (self.machine, self.loop))


def test_a_bound_grows_by_the_standstill_since_the_beginning() -> None:
    bench = Bench()
    bench.now += 5.2
    assert bench.watch.seconds == pytest.approx(5.2)
    assert (bench.watch.stood_still, bench.watch.allows(5.0)) == (0.0, 5.0)
    assert bench.watch.is_over(5.0)
    bench.machine += 0.3
    assert bench.watch.allows(5.0) == pytest.approx(5.3)
    assert not bench.watch.is_over(5.0)


def test_machine_and_loop_are_not_added_for_one_holds_up_the_other() -> None:
    bench = Bench()
    bench.machine, bench.loop = bench.machine + 0.2, bench.loop + 0.5
    assert bench.watch.stood_still == pytest.approx(0.5)
    bench.machine += 0.4
    assert bench.watch.stood_still == pytest.approx(0.6)


def test_a_process_that_was_stopped_knows_for_how_long() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHING], stdout=subprocess.PIPE, text=True, cwd=os.getcwd()
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "watching\n"
    process.send_signal(signal.SIGSTOP)
    time.sleep(0.4)
    process.send_signal(signal.SIGCONT)
    told = float(process.communicate(timeout=20)[0])
    assert 0.3 < told < 0.9


async def test_a_loop_that_is_held_up_counts_although_the_machine_runs() -> None:
    watch = Stopwatch()
    await asyncio.sleep(0.03)
    time.sleep(0.2)  # noqa: ASYNC251 - this is what is measured
    await asyncio.sleep(0.03)
    assert 0.15 < watch.stood_still < watch.seconds


async def test_a_machine_that_runs_gives_nothing_away() -> None:
    """A quarter of a second in sleep, in thirty looks: the best of some tries, for others work."""
    best = 1.0
    for _ in range(8):
        watch = Stopwatch()
        await asyncio.sleep(0.25)
        best = min(best, watch.stood_still)
    assert best < 0.05
