"""From when until when a ticket opens the stage of a lesson. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.lessons.timing import Timing

EARLY = timedelta(minutes=5)
"""A room's ticket opens this long before the lobby: readiness checks, clocks that run ahead. A
person's is given out from then on, and never days ahead: it would outlive what it was given for."""

OVERTIME = timedelta(minutes=10)
"""A room's ticket closes this long after the end, so that a lesson that runs over is not cut."""

AFTER_END = timedelta(seconds=60)
"""A person's ticket outlives the lesson by this: the last messages of a stage still arrive."""


TICKETS_LAST = timedelta(hours=26)
"""No ticket of a terminal lives longer: it holds one local day's, and the overtime."""

CLOSED_FOR = timedelta(hours=24)
"""A stage stays closed this long after its lesson's end: no ticket of it lives longer, not even
one from before the lesson was moved to an earlier hour of the day."""


@dataclass(frozen=True, slots=True)
class Window:
    """[opens, closes) of a ticket, before the leeway that nodes grant (media.contract.tickets)."""

    opens: datetime
    closes: datetime


def room_window(starts_at: datetime, ends_at: datetime, timing: Timing) -> Window:
    """Return the window of a room's tickets: its terminal's, or its recording host's."""
    return Window(starts_at - timing.lobby_before - EARLY, ends_at + OVERTIME)


def person_window(starts_at: datetime, ends_at: datetime, timing: Timing) -> Window:
    """Return the window of a page's tickets."""
    return Window(starts_at - timing.lobby_before, ends_at + AFTER_END)
