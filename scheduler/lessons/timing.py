"""When a lesson's states change, relative to its schedule. Pure."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Timing:
    """`lobby_before`: terminals show the lobby this long before the start (docs/lessons.md).

    `archive_after`: the last journal records of a lesson have arrived by then, so its
    attendance can be computed. `leg_silent_after`: a leg without evidence for so long is LOST.
    """

    lobby_before: timedelta = timedelta(minutes=5)
    archive_after: timedelta = timedelta(minutes=2)
    leg_silent_after: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        if min(self.lobby_before, self.archive_after, self.leg_silent_after) < timedelta(0):
            raise ValueError("a timing has no negative times")


DEFAULT_TIMING = Timing()
