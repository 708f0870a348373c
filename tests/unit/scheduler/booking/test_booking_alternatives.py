"""Alternatives: free, ranked, each with its reason and a command that is ready to send."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.booking.alternatives import Search, alternatives, other_times
from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.booking.conflicts import HeldClaim, overlaps
from scheduler.booking.errors import Alternative, AlternativeKind
from tests.support.bookingfacts import COMMAND, FACTS, NOW, T0, held, shifted

PERIOD, ROOM = AlternativeKind.PERIOD, AlternativeKind.ROOM
DAY, FEWER = AlternativeKind.DAY, AlternativeKind.FEWER_LEGS
TWO_LEGS = replace(COMMAND, legs=(LegRequest("east1"), LegRequest("west1")))


def offers(
    *claims: HeldClaim, command: BookLesson = COMMAND, now: datetime = NOW
) -> list[Alternative]:
    return list(alternatives(Search(command, FACTS, claims, now)))


def starts(found: list[Alternative], kind: AlternativeKind) -> list[timedelta]:
    return [one.command.starts_at - T0 for one in found if one.kind is kind]


def test_what_costs_people_least_comes_first() -> None:
    found = offers(held("room:east1"), command=TWO_LEGS)
    assert [one.kind for one in found] == [ROOM, PERIOD, PERIOD, DAY, DAY, FEWER]


def test_a_taken_leg_is_offered_a_free_room_of_the_same_school() -> None:
    first = offers(held("room:east1"))[0]
    assert first.command == replace(COMMAND, legs=(replace(COMMAND.legs[0], room_id="east2"),))
    assert str(first.reason) == "同一时间，同校有空教室：east east1 → east2。"


def test_a_taken_host_room_is_never_swapped_for_a_store_room() -> None:
    rooms = [one.command.host_room_id for one in offers(held("room:rec")) if one.kind is ROOM]
    assert rooms == ["core1"]
    both = offers(held("room:rec"), held("room:core1"))
    assert [one for one in both if one.kind is ROOM] == []


def test_another_room_does_not_help_when_a_person_is_taken() -> None:
    kinds = {one.kind for one in offers(held("room:east1"), held("person:core-t"))}
    assert kinds == {PERIOD, DAY}


def test_two_taken_rooms_of_a_school_need_two_free_ones() -> None:
    legs = (LegRequest("east1"), LegRequest("east2"))
    found = offers(held("room:east1"), command=replace(COMMAND, legs=legs))
    assert [one for one in found if one.kind is ROOM] == []


def test_periods_come_nearest_first_and_only_free_ones() -> None:
    found = offers(held("person:core-t"), held("person:east-t", 50, 60))
    assert starts(found, PERIOD) == [timedelta(hours=2)]


def test_a_whole_period_stays_one_and_another_length_stays_itself() -> None:
    (second, _) = (one for one in offers(held("room:rec")) if one.kind is PERIOD)
    assert second.command.ends_at - second.command.starts_at == timedelta(minutes=40)
    double = shifted(0, 90)
    found = [one for one in offers(held("room:rec"), command=double) if one.kind is PERIOD]
    assert {one.command.ends_at - one.command.starts_at for one in found} == {timedelta(minutes=90)}


def test_periods_that_have_begun_are_not_offered() -> None:
    now = T0 + timedelta(minutes=51)
    found = offers(held("room:rec", 60, 70), command=shifted(60), now=now)
    assert starts(found, PERIOD) == [timedelta(hours=2)]


def test_other_days_skip_holidays_and_weekends() -> None:
    found = offers(held("person:core-t"))
    assert starts(found, DAY) == [timedelta(days=1), timedelta(days=3)]  # Wednesday is a holiday
    friday = shifted(4 * 24 * 60)
    late = offers(held("person:core-t", 4 * 24 * 60, 4 * 24 * 60 + 40), command=friday)
    assert starts(late, DAY) == [timedelta(days=7), timedelta(days=8)]


def test_fewer_legs_name_who_is_left_out() -> None:
    last = offers(held("room:west1"), command=TWO_LEGS)[-1]
    assert last.kind is FEWER
    assert last.dropped_room_ids == ("west1",)
    assert last.command.legs == (LegRequest("east1"),)
    assert str(last.reason) == "原定时间不变，不含 west，其余 1 个听讲端都有空。"


def test_legs_are_not_dropped_for_a_taken_host_nor_all_of_them() -> None:
    host = offers(held("room:rec"), held("room:west1"), command=TWO_LEGS)
    everybody = offers(held("room:east1"), held("room:west1"), command=TWO_LEGS)
    assert [one.kind for one in (*host, *everybody) if one.kind is FEWER] == []


def test_a_move_is_offered_times_only() -> None:
    found = other_times(Search(TWO_LEGS, FACTS, [held("room:east1")], NOW))
    assert {one.kind for one in found} == {PERIOD, DAY}


RESOURCES = ("room:rec", "room:core1", "room:east1", "room:east2", "person:core-t", "class:east-5")
claims = st.builds(
    lambda resource, start, length: held(resource, start, start + length),
    st.sampled_from(RESOURCES),
    st.integers(min_value=-60, max_value=5 * 24 * 60),
    st.integers(min_value=1, max_value=600),
)


@given(st.sampled_from(("room:rec", "room:east1", "person:core-t")), st.lists(claims, max_size=12))
def test_whatever_is_offered_is_free_and_ahead(refused: str, taken: list[HeldClaim]) -> None:
    search = Search(TWO_LEGS, FACTS, [held(refused), *taken], NOW)
    assert search.found
    for one in alternatives(search):
        assert overlaps(one.command, search.held) == ()
        assert one.command.starts_at >= NOW
        assert one.command != TWO_LEGS
