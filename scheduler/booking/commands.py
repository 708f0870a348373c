"""What a booker asks for. Frozen, aware times, ids only; nothing here is checked yet."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from scheduler.lessons.tables import LessonKind, LessonMode

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LegRequest:
    """One receiving room (听讲端), its class and the assistant teacher beside the pupils."""

    room_id: str
    class_id: str | None = None
    assistant_id: str | None = None


@dataclass(frozen=True, slots=True)
class BookLesson:
    """One host and its legs in [starts_at, ends_at), aware times.

    `idempotency_key` is chosen by the form (1 to 64 characters): the same key with the same
    content is the same lesson. `only_free` leaves out legs that are taken instead of refusing.
    """

    title: str
    subject: str
    mode: LessonMode
    kind: LessonKind
    community_id: str | None
    host_room_id: str
    host_teacher_id: str
    host_class_id: str | None
    starts_at: datetime
    ends_at: datetime
    legs: tuple[LegRequest, ...]
    idempotency_key: str
    only_free: bool = False

    def digest(self) -> str:
        """Return the SHA-256 of the content, without the key; equal content, equal digest."""
        content = asdict(self)
        del content["idempotency_key"]
        for name in ("starts_at", "ends_at"):
            content[name] = _moment(content[name])
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _moment(value: datetime) -> str:
    """Return equal texts for equal moments, also for years that no zone can be applied to."""
    return value.isoformat() if value.tzinfo is None else str(value - EPOCH)
