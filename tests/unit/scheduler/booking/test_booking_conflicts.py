"""Half-open intervals: what clashes, what never does, and in which order claims are taken."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.booking.conflicts import Clash, Held, Wish, clashes, explain, overlap, wishes
from scheduler.booking.errors import Conflict, ResourceKind
from scheduler.lessons.tables import LessonKind, LessonMode

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
def test_adjacent_intervals_never_clash(span: tuple[datetime, datetime], length: int) -> None:
    after = span[1] + timedelta(minutes=length)
    before = span[0] - timedelta(minutes=length)
    assert not overlap(*span, span[1], after)
    assert not overlap(*span, before, span[0])


@given(spans, minutes)
def test_an_empty_interval_shares_nothing(span: tuple[datetime, datetime], number: int) -> None:
    assert not overlap(*span, at(number), at(number))


def command(legs: tuple[LegRequest, ...], host_class: str | None = None) -> BookLesson:
    return BookLesson(
        "t", "s", LessonMode.BROADCAST, LessonKind.MASTER, None, "r0", "p0", host_class,
        at(0), at(40), legs, "k",
    )  # fmt: skip


def test_a_lesson_claims_everything_scarce_in_the_order_of_names() -> None:
    legs = (LegRequest("r2", "c2", "p2"), LegRequest("r1"))
    assert wishes(command(legs, "c0")) == (
        Wish("class:c0", None),
        Wish("class:c2", 0),
        Wish("person:p0", None),
        Wish("person:p2", 0),
        Wish("room:r0", None),
        Wish("room:r1", 1),
        Wish("room:r2", 0),
    )


@given(st.permutations([LegRequest(f"r{n}", f"c{n}", f"p{n}") for n in range(1, 5)]))
def test_the_order_of_claims_does_not_depend_on_the_order_of_legs(legs: list[LegRequest]) -> None:
    names = [wish.resource for wish in wishes(command(tuple(legs)))]
    assert names == sorted(names)


def held(resource: str, start: int, end: int) -> Held:
    return Held(resource, "lesson", "草船借箭", "陈老师", at(start), at(end))


def test_clashes_name_each_wish_with_each_claim_rooms_first() -> None:
    wanted = (Wish("class:c", 0), Wish("person:p", None), Wish("room:r", 0), Wish("room:s", 1))
    claims = [
        held("room:r", 30, 50),
        held("person:p", 0, 40),
        held("class:c", 30, 35),
        held("room:s", 40, 80),  # adjacent
        held("room:t", 0, 40),  # somebody else's room
    ]
    found = clashes(wanted, at(0), at(40), claims)
    assert [(c.wish.resource, c.wish.leg) for c in found] == [
        ("person:p", None),
        ("room:r", 0),
        ("class:c", 0),
    ]


def test_a_conflict_says_what_who_and_when() -> None:
    clash = Clash(Wish("room:r", 0), held("room:r", 0, 40))
    assert explain(clash, {"room:r": "东村小学 互动教室"}) == Conflict(
        ResourceKind.ROOM, "r", "东村小学 互动教室", "lesson", "草船借箭", "陈老师", at(0), at(40)
    )
    assert explain(clash, {}).resource_name == "r"
