"""Events of a lesson. Every one tells its state before and after, and its end afterwards."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from scheduler.events.kinds import Event, EventKind
from scheduler.events.topics import Topic, lesson_topic, room_topic
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson


def lesson_event(
    kind: EventKind,
    now: datetime,
    actor_id: str | None,
    lesson: Lesson,
    rooms: Iterable[str] = (),
    *,
    address: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> Event:
    """Return an event about a lesson; `rooms` are those whose day it changed.

    `lesson` is as it was read: `after` says what is different now.
    """
    return Event(
        kind=kind,
        at=now,
        topics=topics_of(lesson.id, rooms),
        actor_id=actor_id,
        address=address,
        object_id=lesson.id,
        summary=lesson.title,
        before={"state": lesson.state.value, **(before or {})},
        after={"state": lesson.state.value, "ends_at": lesson.ends_at.isoformat(), **(after or {})},
    )


def topics_of(lesson_id: str, rooms: Iterable[str]) -> tuple[Topic, ...]:
    return (lesson_topic(lesson_id), *(room_topic(room) for room in sorted(set(rooms))))


_STATES = frozenset(LessonState)


def state_after(event: Event) -> LessonState | None:
    """Return the lesson's state after the event; None for an event about something else."""
    state = event.after.get("state")
    return LessonState(state) if isinstance(state, str) and state in _STATES else None


def end_after(event: Event) -> datetime | None:
    """Return the lesson's booked end after the event; None for an event about something else."""
    ends_at = event.after.get("ends_at")
    return datetime.fromisoformat(ends_at) if isinstance(ends_at, str) else None
