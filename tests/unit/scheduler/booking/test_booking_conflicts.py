"""Half-open intervals: which claims overlap, which never do, and in which order they are taken."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.booking.conflicts import (
    HeldClaim,
    Overlap,
    WantedClaim,
    conflict_of,
    overlap,
    overlaps,
    wanted_claims,
)
from scheduler.booking.errors import Conflict
from scheduler.booking.resources import Resource, ResourceKind, parse_resource
from scheduler.lessons.tables import LessonMode
from tests.support.bookingfacts import FACTS

T0 = datetime(2026, 9, 1, tzinfo=UTC)

minutes = st.integers(min_value=0, max_value=200)
spans = st.tuples(minutes, st.integers(min_value=1, max_value=100)).map(
    lambda s: (T0 + timedelta(minutes=s[0]), T0 + timedelta(minutes=s[0] + s[1]))
)


def at(number: int) -> datetime:
    return T0 + timedelta(minutes=number)


@given(spans, spans)
def test_overlap_is_symmetric(a: tuple[datetime, datetime], b: tuple[datetime, datetime]) -> None:
    assert overlap(*a, *b) == overlap(*b, *a)


@given(spans, spans)
def test_overlap_means_a_common_minute(
    a: tuple[datetime, datetime], b: tuple[datetime, datetime]
) -> None:
    def held(span: tuple[datetime, datetime]) -> set[datetime]:
        return {at(n) for n in range(400) if span[0] <= at(n) < span[1]}

    assert overlap(*a, *b) == bool(held(a) & held(b))


@given(spans, st.integers(min_value=1, max_value=100))
def test_adjacent_intervals_never_overlap(span: tuple[datetime, datetime], length: int) -> None:
    after = span[1] + timedelta(minutes=length)
    before = span[0] - timedelta(minutes=length)
    assert not overlap(*span, span[1], after)
    assert not overlap(*span, before, span[0])


@given(spans, minutes)
def test_an_empty_interval_shares_nothing(span: tuple[datetime, datetime], number: int) -> None:
    assert not overlap(*span, at(number), at(number))


def command(legs: tuple[LegRequest, ...], host_class: str | None = None) -> BookLesson:
    return BookLesson(
        title="t", subject="s", mode=LessonMode.BROADCAST, host_room_id="r0", host_teacher_id="p0",
        host_class_id=host_class, starts_at=at(0), ends_at=at(40), legs=legs, idempotency_key="k",
    )  # fmt: skip


def test_a_lesson_claims_everything_scarce_in_the_order_of_names() -> None:
    legs = (LegRequest("r2", "c2", "p2"), LegRequest("r1"))
    wanted = wanted_claims(command(legs, "c0"))
    assert [(str(one.resource), one.leg) for one in wanted] == [
        ("class:c0", None),
        ("class:c2", 0),
        ("person:p0", None),
        ("person:p2", 0),
        ("room:r0", None),
        ("room:r1", 1),
        ("room:r2", 0),
    ]


@given(st.permutations([LegRequest(f"r{n}", f"c{n}", f"p{n}") for n in range(1, 5)]))
def test_the_order_of_claims_does_not_depend_on_the_order_of_legs(legs: list[LegRequest]) -> None:
    names = [str(one.resource) for one in wanted_claims(command(tuple(legs)))]
    assert names == sorted(names)


def held(resource: str, start: int, end: int) -> HeldClaim:
    return HeldClaim(parse_resource(resource), "lesson", "草船借箭", "陈老师", at(start), at(end))


def test_each_wanted_claim_comes_with_each_held_one_rooms_first() -> None:
    claims = [
        held("room:r1", 30, 50),
        held("person:p0", 0, 40),
        held("class:c1", 30, 35),
        held("room:r2", 40, 80),  # adjacent
        held("room:t", 0, 40),  # somebody else's room
    ]
    found = overlaps(command((LegRequest("r1", "c1"), LegRequest("r2"))), claims)
    assert [(str(one.wanted.resource), one.wanted.leg, one.held) for one in found] == [
        ("person:p0", None, claims[1]),
        ("room:r1", 0, claims[0]),
        ("class:c1", 0, claims[2]),
    ]


def conflict(resource: str) -> Conflict:
    wanted = WantedClaim(parse_resource(resource), 0)
    return conflict_of(Overlap(wanted, held(resource, 0, 40)), FACTS)


def test_a_conflict_says_what_who_and_when() -> None:
    assert conflict("room:east1") == Conflict(
        Resource(ResourceKind.ROOM, "east1"), "east east1", "lesson", "草船借箭", "陈老师",
        at(0), at(40),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("class:east-5", "east east"),
        ("person:east-t", "east"),
        ("room:gone", "gone"),
        ("person:gone", "gone"),
        ("class:gone", "gone"),
    ],
)
def test_a_resource_is_named_as_people_know_it_else_by_its_id(resource: str, name: str) -> None:
    assert conflict(resource).resource_name == name
