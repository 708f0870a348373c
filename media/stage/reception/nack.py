"""Which packets of a source are missing, and when to ask its publisher for them again.

A school's uplink loses packets; every viewer would miss them. Asked once here, they come late but
come, under the sequence numbers that the viewers still wait for (RFC 4585 section 6.2.1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

REORDER_TOLERANCE = 0.01
"""Seconds that a packet may be late by reordering alone before it is asked for."""
RETRY_DELAY = 0.08
"""Seconds until the second request, and each time twice as long: on a narrow uplink the answer
waits behind all else, and asking again meanwhile makes the queue longer with copies of it."""
MAX_REQUESTS = 4
"""Requests for one packet. After 1.2 s viewers stand still: a keyframe is shorter than the rest."""
MAX_MISSING = 300
"""With more missing than this the path was cut: a keyframe helps, retransmissions do not."""


@dataclass(slots=True)
class _Missing:
    due: float
    tries: int = 0


class MissingPackets:
    """Sequences are unwrapped; times are monotonic seconds. `asked` counts what was asked for.

    `missing` holds what may still be asked for, by sequence. `gave_up` tells whether the last look
    found a packet that will not come: a keyframe is needed.
    """

    def __init__(self) -> None:
        self.missing: dict[int, _Missing] = {}
        self.asked = 0
        self.gave_up = False

    def __len__(self) -> int:
        return len(self.missing)

    def found(self, sequences: Iterable[int]) -> None:
        """Note what came late."""
        for sequence in sequences:
            self.missing.pop(sequence, None)

    def lost(self, sequences: Sequence[int], now: float) -> bool:
        """Note what was passed over; return True when that is too much and all was given up."""
        if len(sequences) + len(self.missing) > MAX_MISSING:
            self.missing.clear()
            return True
        for sequence in sequences:
            self.missing[sequence] = _Missing(now + REORDER_TOLERANCE)
        return False

    def restart(self) -> None:
        """The source numbers its packets anew: nothing of before is missing any more."""
        self.missing.clear()

    def due(self, now: float) -> list[int]:
        """Return the 16-bit sequences to ask for now; none when one was asked for often enough.

        All that is missing is given up then: what a keyframe follows needs no repair.
        """
        waiting = [entry for entry in self.missing.items() if entry[1].due <= now]
        self.gave_up = any(missing.tries >= MAX_REQUESTS for _sequence, missing in waiting)
        if self.gave_up:
            self.missing.clear()
            return []
        for _sequence, missing in waiting:
            missing.due = now + RETRY_DELAY * 2**missing.tries
            missing.tries += 1
        self.asked += len(waiting)
        return [sequence & 0xFFFF for sequence, _missing in waiting]
