from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from scheduler.access.scopes import Member, schools_of_community

TODAY = date(2026, 11, 18)


def school(community: str, name: str, **dates: date) -> Member:
    return Member(community, name, None, **dates)


def group(community: str, name: str, **dates: date) -> Member:
    return Member(community, None, name, **dates)


def test_a_group_that_is_a_member_brings_its_schools() -> None:
    members = [
        group("leizhou", "first-group"),
        school("leizhou", "fucheng"),
        school("first-group", "no1"),
        school("first-group", "no14"),
        school("other", "elsewhere"),
    ]
    assert schools_of_community("leizhou", members, TODAY) == {"fucheng", "no1", "no14"}
    assert schools_of_community("first-group", members, TODAY) == {"no1", "no14"}
    assert schools_of_community("unknown", members, TODAY) == frozenset()


def test_dates_hold_from_the_first_to_the_last_day() -> None:
    members = [
        school("c", "past", until_on=date(2026, 11, 17)),
        school("c", "last-day", until_on=TODAY),
        school("c", "first-day", from_on=TODAY),
        school("c", "future", from_on=date(2026, 11, 19)),
        group("c", "left-group", until_on=date(2026, 11, 17)),
        school("left-group", "gone-with-its-group"),
    ]
    assert schools_of_community("c", members, TODAY) == {"last-day", "first-day"}


names = st.sampled_from("abcdef")


@given(st.lists(st.tuples(names, names, st.booleans()), max_size=25), names)
def test_any_graph_of_memberships_ends_and_equals_reachability(
    edges: list[tuple[str, str, bool]], start: str
) -> None:
    members = [group(a, b) if nested else school(a, f"s{b}") for a, b, nested in edges]
    reached, grown = {start}, True
    while grown:
        more = {b for a, b, nested in edges if nested and a in reached} - reached
        grown = bool(more)
        reached |= more
    expected = {f"s{b}" for a, b, nested in edges if not nested and a in reached}
    assert schools_of_community(start, members, TODAY) == expected
