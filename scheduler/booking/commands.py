"""What a booker asks for: the one shape of a booking between form, API and rules.

Nothing here is checked by being made: the rules say what is wrong with it, in sentences. What
comes as JSON (the API's body, a button with an alternative) is read strictly by `read_booking`.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter, with_config

from scheduler.kernel.ids import ID
from scheduler.lessons.tables import LessonKind, LessonMode

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MOST_LEGS = 200
"""The widest county event known has 69."""

Id = Annotated[str, Field(pattern=f"^{ID}$")]
STRICT = ConfigDict(extra="forbid")


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class LegRequest:
    """One receiving room (听讲端), its class and the assistant teacher beside the pupils."""

    room_id: Id
    class_id: Id | None = None
    assistant_id: Id | None = None


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class BookLesson:
    """One host and its legs in [starts_at, ends_at), aware times.

    `idempotency_key` is chosen by the form (1 to 64 characters): the same key with the same
    content is the same lesson. `only_free` leaves out legs that are taken instead of refusing.
    """

    title: Annotated[str, Field(max_length=120)]
    subject: Annotated[str, Field(max_length=40)]
    kind: LessonKind = LessonKind.MASTER
    mode: LessonMode = LessonMode.INTERACTIVE
    community_id: Id | None = None
    host_room_id: Id
    host_teacher_id: Id
    host_class_id: Id | None = None
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    legs: Annotated[tuple[LegRequest, ...], Field(max_length=MOST_LEGS)] = ()
    idempotency_key: Annotated[str, Field(min_length=1, max_length=64)]
    only_free: bool = False

    @property
    def room_ids(self) -> tuple[str, ...]:
        """Host room first, then the legs' rooms as written."""
        return (self.host_room_id, *(leg.room_id for leg in self.legs))

    @property
    def person_ids(self) -> tuple[str, ...]:
        """Host teacher first, then the assistants."""
        helpers = (leg.assistant_id for leg in self.legs)
        return (self.host_teacher_id, *(one for one in helpers if one is not None))

    @property
    def class_ids(self) -> tuple[str, ...]:
        """The host class, if any, then the receiving classes."""
        classes = (self.host_class_id, *(leg.class_id for leg in self.legs))
        return tuple(one for one in classes if one is not None)

    def as_json(self) -> dict[str, Any]:
        """Return what `read_booking` reads."""
        times = {"starts_at": self.starts_at.isoformat(), "ends_at": self.ends_at.isoformat()}
        return {**asdict(self), **times}

    def digest(self) -> str:
        """Return the SHA-256 of the content, without the key; equal content, equal digest."""
        content = asdict(self)
        del content["idempotency_key"]
        for name in ("starts_at", "ends_at"):
            content[name] = _moment(content[name])
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_booking(text: str) -> BookLesson:
    """Return the booking of a JSON document; raise pydantic's ValidationError, a ValueError.

    Times are RFC 3339 with an offset, or Unix seconds.
    """
    return _reader().validate_json(text)


@cache
def _reader() -> TypeAdapter[BookLesson]:
    return TypeAdapter(BookLesson)


def _moment(value: datetime) -> str:
    """Return equal texts for equal moments, also for years that no zone can be applied to."""
    return value.isoformat() if value.tzinfo is None else str(value - EPOCH)
