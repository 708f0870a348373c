"""What relay nodes have to be told after an event."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.events.kinds import Event, EventKind
from scheduler.lessons.states import LessonState
from scheduler.lessons.windows import CLOSED_FOR, TICKETS_LAST
from scheduler.placement.orders import Order, OrderKind, orders_of

NOW = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
BELL = NOW + timedelta(minutes=40)


def lesson(kind: EventKind, before: str, after: str, ends_at: datetime = BELL) -> Event:
    told = {"state": after, "ends_at": ends_at.isoformat()}
    return Event(kind=kind, at=NOW, object_id="l1", before={"state": before}, after=told)


@pytest.mark.parametrize(
    ("kind", "before", "after", "reason"),
    [
        (EventKind.LESSON_END, "LIVE", "ENDED", "ended"),
        (EventKind.LESSON_STEP, "LIVE", "ENDED", "ended"),
        (EventKind.LESSON_STEP, "MISSED", "ENDED", "ended"),
        (EventKind.LESSON_CANCEL, "BOOKED", "CANCELLED", "cancelled"),
        (EventKind.LESSON_STEP, "LOBBY", "MISSED", "missed"),
    ],
)
def test_a_lesson_that_is_over_closes_its_stage(
    kind: EventKind, before: str, after: str, reason: str
) -> None:
    closing = Order(OrderKind.CLOSE, ("l1",), reason, BELL + CLOSED_FOR)
    assert orders_of(lesson(kind, before, after)) == [closing]


def test_a_stage_stays_closed_a_day_after_a_late_end() -> None:
    (order,) = orders_of(lesson(EventKind.LESSON_END, "LIVE", "ENDED", NOW - timedelta(hours=1)))
    assert order.until == NOW + CLOSED_FOR


OPENING = [("BOOKED", "BOOKED"), ("BOOKED", "LOBBY"), ("LOBBY", "LIVE"), ("LOBBY", "BOOKED")]


@pytest.mark.parametrize(("before", "after"), [*OPENING, ("ENDED", "ARCHIVED")])
def test_nothing_is_closed_while_a_lesson_goes_on_or_a_second_time(before: str, after: str) -> None:
    assert orders_of(lesson(EventKind.LESSON_STEP, before, after)) == []


@pytest.mark.parametrize("state", [*LessonState])
def test_what_changes_no_state_closes_nothing(state: LessonState) -> None:
    assert orders_of(lesson(EventKind.LESSON_REMARK, state.value, state.value)) == []


def test_a_revoked_terminal_is_refused_as_long_as_its_tickets_last() -> None:
    event = Event(kind=EventKind.TERMINAL_REVOKE, at=NOW, object_id="t1", after={"state": "x"})
    assert orders_of(event) == [Order(OrderKind.REVOKE, ("t1",), "", NOW + TICKETS_LAST)]


def test_a_kind_that_only_a_newer_version_knows_asks_for_nothing() -> None:
    told = {"state": "POSTPONED", "ends_at": BELL.isoformat()}
    assert orders_of(Event(kind="lesson.postpone", at=NOW, object_id="l1", after=told)) == []
    assert orders_of(Event(kind="room.close", at=NOW, object_id="r1")) == []
