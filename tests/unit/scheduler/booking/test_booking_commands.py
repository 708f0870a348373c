"""The digest of a command: equal content, equal digest, whatever the key and the zone."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from scheduler.booking.commands import LegRequest
from scheduler.lessons.tables import LessonMode
from tests.support import bookingfacts

COMMAND = replace(
    bookingfacts.COMMAND, legs=(LegRequest("r1"), LegRequest("r2", "c2", "p2")), idempotency_key="k"
)


def test_the_key_is_no_content() -> None:
    assert replace(COMMAND, idempotency_key="other").digest() == COMMAND.digest()


def test_the_zone_is_no_content() -> None:
    beijing = COMMAND.starts_at.astimezone(timezone(timedelta(hours=8)))
    assert replace(COMMAND, starts_at=beijing).digest() == COMMAND.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x"},
        {"mode": LessonMode.BROADCAST},
        {"host_class_id": "c0"},
        {"ends_at": COMMAND.ends_at + timedelta(seconds=1)},
        {"legs": COMMAND.legs[:1]},
        {"legs": (LegRequest("r1"), LegRequest("r2", "c2"))},
        {"only_free": True},
    ],
    ids=str,
)
def test_every_other_change_changes_the_digest(change: dict[str, object]) -> None:
    assert replace(COMMAND, **change).digest() != COMMAND.digest()  # type: ignore[arg-type]
