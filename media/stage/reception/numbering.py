"""A source's sequence numbers, unwrapped once, and the one rule that says what a jump is.

RTP counts in 16 bits (RFC 3550 section 5.1). Everything behind this file counts in whole numbers
that never wrap: statistics, requests for what is missing, a track's numbering, probes.
"""

from enum import IntEnum
from typing import NamedTuple

from media.packets.sequence import extend

MAX_LATE = 1000
"""A number further back is a restart (RFC 3550 A.1); SRTP's window ends there, too."""

MAX_GAP = 300
"""More missing at once is not asked for again: the path was cut, and only a keyframe helps. A hole
of that size would make every viewer ask for what no one has, so streams go on without it."""

MAX_DROPOUT = 3000
"""A number further ahead is a restart of the numbering (RFC 3550 A.1), and nothing was lost."""


class Step(IntEnum):
    """How a packet lies to the newest one of its source."""

    FIRST = 0
    NEXT = 1
    LATE = 2  # or a duplicate
    GAP = 3  # some before it are missing, and are asked for
    CUT = 4  # so many are missing that its source begins anew; they count as lost
    RESTART = 5  # the source counts anew: nothing was lost


def step_of(distance: int) -> Step:
    """Judge a packet that lies `distance` numbers ahead of the newest one (behind, if negative)."""
    if distance == 1:
        return Step.NEXT
    if not -MAX_LATE <= distance <= MAX_DROPOUT:
        return Step.RESTART
    if distance <= 0:
        return Step.LATE
    return Step.GAP if distance <= MAX_GAP else Step.CUT


def is_jump(distance: int) -> bool:
    """Return whether a packet that lies so far ahead cannot belong to the same stream."""
    return step_of(distance) >= Step.CUT


class Numbered(NamedTuple):
    """An unwrapped number and how it lies to the newest one before it."""

    number: int
    step: Step


class Numbering:
    """The numbers of one SSRC; `near` is where its first one lies, if that is known."""

    __slots__ = ("_near", "newest")

    def __init__(self, near: int | None = None) -> None:
        self._near = near
        self.newest: int | None = None

    def take(self, sequence: int, count: int = 1) -> Numbered:
        """Unwrap the number of a packet, which `count` - 1 directly follow in the same frame."""
        newest = self.newest
        if newest is None:
            number = sequence if self._near is None else extend(sequence, self._near)
            self.newest = number + count - 1
            return Numbered(number, Step.FIRST)
        if sequence == (newest + 1) & 0xFFFF:  # nearly all of them
            self.newest = newest + count
            return Numbered(newest + 1, Step.NEXT)
        number = extend(sequence, newest)
        step = step_of(number - newest)
        if step is not Step.LATE or number + count - 1 > newest:
            self.newest = number + count - 1
        return Numbered(number, step)
