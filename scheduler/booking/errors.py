"""What can stand in the way of a booking, as data that a page can show and a form can mark."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.booking.commands import BookLesson
from scheduler.booking.resources import Resource
from scheduler.kernel.errors import Refusal
from scheduler.kernel.sentences import Sentence


@dataclass(frozen=True, slots=True)
class BookingProblem:
    """One thing wrong with a command. `field` is its name there, e.g. "legs.2.room_id"."""

    code: str  # e.g. "UNKNOWN_ROOM"; stable, for programs
    field: str
    sentence: Sentence

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass(frozen=True, slots=True)
class Conflict:
    """What is taken, by which lesson of whom, and when (aware UTC)."""

    resource: Resource
    resource_name: str
    lesson_id: str
    lesson_title: str
    teacher_name: str
    starts_at: datetime
    ends_at: datetime


class AlternativeKind(StrEnum):
    PERIOD = "PERIOD"  # another period of the same day
    ROOM = "ROOM"  # another free room of the same school
    DAY = "DAY"  # the same period of another day
    FEWER_LEGS = "FEWER_LEGS"  # without the legs that are taken


@dataclass(frozen=True, slots=True)
class Alternative:
    """A booking that would be free, why it is offered, and the whole command for one tap.

    `command.idempotency_key` is the refused one's: a refused booking used up no key.
    """

    kind: AlternativeKind
    reason: Sentence
    command: BookLesson
    dropped_room_ids: tuple[str, ...] = ()


class BookingRefused(Refusal):
    """the booking cannot be accepted as it is written"""

    def __init__(self, problems: tuple[BookingProblem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class BookingConflict(Refusal):
    """something the booking needs is taken"""

    def __init__(
        self,
        conflicts: tuple[Conflict, ...],
        alternatives: tuple[Alternative, ...],
    ) -> None:
        super().__init__()
        self.conflicts = conflicts
        self.alternatives = alternatives
