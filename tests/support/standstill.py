"""How long the machine stood still while a test measured a time, and what a bound becomes by that.

A test that says "within five seconds" means five seconds in which the machine ran. On a host that
is shared, a virtual machine is stopped for a moment now and then, and a test process waits for a
core. A thread of this process asks to be woken each 10 ms and adds up by how much it was late; so
does a timer in the event loop, for clients that run in the test's own loop are late when it is.
The larger sum is added to the bound, and the bound itself stays what the requirement says.

What this does not see: a process that wants much more of a core than it gets. A thread that mostly
sleeps is woken soon even where ten others compute, so a busy machine counts for little here. That
is why tests that decode pictures do not run beside each other (see `lanes`).
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from weakref import WeakKeyDictionary

TICK = 0.01
"""Seconds between two looks."""
NOTHING = 0.001
"""Seconds that a timer is late on a machine where nothing is wrong (measured: 0.1 to 0.3 ms)."""


class Lateness:
    """Adds up by how much looks come late; `now` is in seconds of a clock that never steps."""

    def __init__(self, now: float) -> None:
        self._before, self._due = 0.0, now + TICK

    def total(self, now: float) -> float:
        """Return the sum up to now: a look that is still missing is as late as it is."""
        late = now - self._due
        return self._before + (late if late > NOTHING else 0.0)

    def look(self, now: float) -> None:
        """Take note of a look, and await the next one a tick from now."""
        self._before, self._due = self.total(now), now + TICK


class Stopwatch:
    """Begins when it is made; tells the seconds since then, and how many of them did not count."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        late: Callable[[], tuple[float, ...]] | None = None,
    ) -> None:
        self._clock, self._late = clock, late or _watched()
        self._began, self._before = clock(), self._late()

    @property
    def seconds(self) -> float:
        return self._clock() - self._began

    @property
    def stood_still(self) -> float:
        """The seconds since the beginning in which this process or its loop could not run."""
        pairs = zip(self._late(), self._before, strict=True)
        return max(now - before for now, before in pairs)

    def allows(self, bound: float) -> float:
        """Return a bound, in seconds, and what the machine has stood still since the beginning."""
        return bound + self.stood_still

    def is_over(self, bound: float) -> bool:
        return self.seconds > self.allows(bound)


def _watched() -> Callable[[], tuple[float, ...]]:
    """Watch the machine, and the loop that runs here if one does; return how to read the sums."""
    watched = [_machine()]
    with suppress(RuntimeError):  # no loop runs here
        watched.append(_loop(asyncio.get_running_loop()))
    return lambda: tuple(lateness.total(time.monotonic()) for lateness in watched)


@cache
def _machine() -> Lateness:
    """Start the thread that watches until this process ends."""
    lateness = Lateness(time.monotonic())

    def watch() -> None:
        while True:
            time.sleep(TICK)
            lateness.look(time.monotonic())

    threading.Thread(target=watch, name="standstill", daemon=True).start()
    return lateness


_loops: "WeakKeyDictionary[asyncio.AbstractEventLoop, Lateness]" = WeakKeyDictionary()


def _loop(loop: asyncio.AbstractEventLoop) -> Lateness:
    """Watch a loop until it is closed."""
    if loop in _loops:
        return _loops[loop]
    lateness = _loops[loop] = Lateness(time.monotonic())

    def watch() -> None:
        lateness.look(time.monotonic())
        loop.call_later(TICK, watch)

    loop.call_later(TICK, watch)
    return lateness
