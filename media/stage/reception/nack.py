"""Which packets of a source are missing, and when to ask its publisher for them again.

A school's uplink loses packets; every viewer would miss them. Asked once here, they come late but
come, under the sequence numbers that the viewers still wait for (RFC 4585 section 6.2.1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from media.stage.outcome import NEVER
from media.stage.reception.numbering import MAX_GAP

REORDER_TOLERANCE = 0.01
"""Seconds that a packet may be late by reordering alone before it is asked for."""
ROUND = 0.012
"""Seconds between two requests at least: what is missing by then is asked for in one."""
RETRY_DELAY = 0.08
"""Seconds until the second request, and each time twice as long: on a narrow uplink the answer
waits behind all else, and asking again meanwhile makes the queue longer with copies of it."""
MAX_REQUESTS = 4
"""Requests for one packet. After 1.2 s viewers stand still: a keyframe is shorter than the rest."""


@dataclass(slots=True)
class _Missing:
    due: float
    requests: int = 0


class Requests(NamedTuple):
    """What to ask for now, as 16-bit numbers. `gave_up`: ask for a keyframe instead."""

    sequences: Sequence[int]
    gave_up: bool = False


class MissingPackets:
    """Numbers are unwrapped; times are monotonic seconds. `asked` counts what was asked for.

    `deadline` is when `due` should be called, NEVER while nothing is missing.
    """

    def __init__(self) -> None:
        self._missing: dict[int, _Missing] = {}
        self.asked = 0
        self.deadline = NEVER

    def __len__(self) -> int:
        return len(self._missing)

    def arrived(self, numbers: Iterable[int]) -> None:
        """Note what came late."""
        for number in numbers:
            self._missing.pop(number, None)
        if not self._missing:
            self.deadline = NEVER

    def lost(self, numbers: Sequence[int], now: float) -> bool:
        """Note what was passed over; return True when that is too much and all was given up."""
        if len(numbers) + len(self._missing) > MAX_GAP:
            self.clear()
            return True
        for number in numbers:
            self._missing[number] = _Missing(now + REORDER_TOLERANCE)
        self.deadline = min(self.deadline, now + ROUND)
        return False

    def clear(self) -> None:
        """Nothing of before is missing any more: the source counts anew, or is gone."""
        self._missing.clear()
        self.deadline = NEVER

    def due(self, now: float) -> Requests:
        """Return what to ask for now; nothing when one was asked for often enough.

        All that is missing is given up then: what a keyframe follows needs no repair.
        """
        waiting = [entry for entry in self._missing.items() if entry[1].due <= now]
        if any(missing.requests >= MAX_REQUESTS for _number, missing in waiting):
            self.clear()
            return Requests((), gave_up=True)
        for _number, missing in waiting:
            missing.due = now + RETRY_DELAY * 2**missing.requests
            missing.requests += 1
        self.asked += len(waiting)
        if self._missing:
            first = min(missing.due for missing in self._missing.values())
            self.deadline = max(first, now + ROUND)
        return Requests([number & 0xFFFF for number, _missing in waiting])
