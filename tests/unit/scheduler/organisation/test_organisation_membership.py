"""Communities expanded to schools: groups flattened, dates kept, rings harmless."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from scheduler.organisation.enums import MemberRole
from scheduler.organisation.membership import MemberLine, communities_of_schools, expand

CORE, MEMBER = MemberRole.CORE, MemberRole.MEMBER
LEIZHOU = [
    MemberLine("group", "lz14", None, MEMBER),
    MemberLine("group", "lz01", None, CORE),
    MemberLine("community", "village", None, MEMBER),
    MemberLine("community", None, "group", CORE),
]


def test_a_group_that_is_a_member_expands_to_its_schools_core_first() -> None:
    assert expand(LEIZHOU, None) == {
        "group": ("lz01", "lz14"),
        "community": ("lz01", "lz14", "village"),
    }


def test_a_school_twice_in_a_community_counts_once() -> None:
    lines = [*LEIZHOU, MemberLine("community", "lz14", None, MEMBER)]
    assert expand(lines, None)["community"] == ("lz01", "lz14", "village")


def test_a_membership_counts_on_its_days_only_both_ends_included() -> None:
    line = MemberLine("c", "s", None, MEMBER, date(2026, 9, 1), date(2026, 9, 30))
    days = [date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 1)]
    assert [expand([line], day).get("c", ()) for day in days] == [(), ("s",), ("s",), ()]
    assert expand([line], None) == {"c": ("s",)}


def test_a_school_knows_all_its_communities() -> None:
    assert communities_of_schools(expand(LEIZHOU, None)) == {
        "lz01": ("community", "group"),
        "lz14": ("community", "group"),
        "village": ("community",),
    }


names = st.sampled_from("abcd")


@given(st.lists(st.tuples(names, names), max_size=12), st.lists(st.tuples(names, names)))
def test_rings_of_groups_end(groups: list[tuple[str, str]], schools: list[tuple[str, str]]) -> None:
    lines = [MemberLine(a, None, b, CORE) for a, b in groups]
    lines += [MemberLine(a, f"school-{s}", None, MEMBER) for a, s in schools]
    found = expand(lines, None)
    assert all(len(set(ids)) == len(ids) for ids in found.values())
    assert all(f"school-{s}" in found[a] for a, s in schools)
