"""The typed event: what happened, to what, by whom, before, after, when. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduler.events.topics import Topic


class EventKind(StrEnum):
    """ "object.verb"; the object says which filter of the audit page finds it."""

    LESSON_BOOK = "lesson.book"
    LESSON_MOVE = "lesson.move"
    LESSON_CANCEL = "lesson.cancel"
    LESSON_END = "lesson.end"  # by hand
    LESSON_REMOVE_LEG = "lesson.remove_leg"
    LESSON_CONFIRM = "lesson.confirm"
    LESSON_DECLINE = "lesson.decline"
    LESSON_HEAD_COUNT = "lesson.head_count"
    LESSON_REMARK = "lesson.remark"
    LESSON_PATROL = "lesson.patrol"
    LESSON_STEP = "lesson.step"  # the clock brought it further
    LESSON_LEGS = "lesson.legs"  # evidence brought its legs further
    TERMINAL_APPROVE = "terminal.approve"
    TERMINAL_REVOKE = "terminal.revoke"
    SESSION_BEGIN = "session.begin"
    SESSION_END = "session.end"
    SESSION_END_ALL = "session.end_all"
    SESSION_REFUSED = "session.refused"
    ACCOUNT_CREATE = "account.create"
    ORGANISATION_IMPORT = "organisation.import"


BY_ITSELF = frozenset({EventKind.LESSON_STEP, EventKind.LESSON_LEGS})
"""Nobody did these: the audit trail leaves them out."""

TIMETABLE = frozenset(
    {
        EventKind.LESSON_BOOK,
        EventKind.LESSON_MOVE,
        EventKind.LESSON_CANCEL,
        EventKind.LESSON_END,
    }
)
"""After these another lesson, or another moment, may be the next one due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change. It commits or falls together with what it tells of.

    `kind` is a text where a newer version wrote it. `actor_id` is the account, None for the system
    itself. `address` is masked; `summary` holds no personal data. `before` and `after` are what
    changed, as JSON has it: moments in ISO format. `number` is 0 until it is stored.
    """

    kind: EventKind | str
    at: datetime
    topics: tuple[Topic, ...] = ()
    actor_id: str | None = None
    address: str = ""
    object_id: str = ""
    summary: str = ""
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    number: int = 0
