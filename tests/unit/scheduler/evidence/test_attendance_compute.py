from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.evidence.attendance import AttendanceStatus, LegAttendance, attend
from scheduler.evidence.intervals import Fact, Interval
from scheduler.evidence.policy import DEFAULT_POLICY, AttendancePolicy
from scheduler.evidence.tables import FactKind

START = datetime(2026, 11, 18, 1, 50, tzinfo=UTC)
LESSON = 2400
K, A = FactKind, AttendanceStatus


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def fact(kind: FactKind, start: float, end: float) -> Fact:
    return Fact(kind, at(start), at(end))


def shown(start: float, end: float) -> list[Fact]:
    """A terminal that plays: everything a good second leaves."""
    kinds = (K.CONNECTED, K.RECEIVED, K.REPORTED, K.SHOWN, K.HEARD)
    return [fact(kind, start, end) for kind in kinds]


SCHEDULE = Interval(at(0), at(LESSON))


def computed(
    facts: list[Fact],
    policy: AttendancePolicy = DEFAULT_POLICY,
    until: float = LESSON,
    **more: bool,
) -> LegAttendance:
    return attend(SCHEDULE, Interval(at(0), at(until)), facts, policy, **more)


def test_a_whole_lesson_with_evidence_before_and_after_it() -> None:
    found = computed(shown(-200, LESSON + 60))
    assert found.status is A.PRESENT
    assert (found.joined_at, found.left_at) == (at(0), at(LESSON))
    assert (found.minutes_received, found.minutes_shown, found.minutes_heard) == (40, 40, 40)
    assert (found.late_seconds, found.early_seconds, found.gaps) == (0, 0, ())


@pytest.mark.parametrize(
    ("joined", "status", "late"),
    [(0, A.PRESENT, 0), (120, A.PRESENT, 0), (120.4, A.LATE, 120), (360, A.LATE, 360)],
)
def test_grace_decides_whether_late_counts_and_not_how_much(
    joined: float, status: AttendanceStatus, late: int
) -> None:
    found = computed(shown(joined, LESSON))
    assert (found.status, found.late_seconds) == (status, late)


def test_late_after_adds_to_the_grace() -> None:
    policy = AttendancePolicy(late_after=timedelta(minutes=3))
    assert computed(shown(299, LESSON), policy).status is A.PRESENT
    assert computed(shown(301, LESSON), policy).status is A.LATE


@pytest.mark.parametrize(
    ("left", "status", "early"),
    [(LESSON - 120, A.PRESENT, 0), (LESSON - 121, A.EARLY_LEAVE, 121)],
)
def test_leaving_early(left: float, status: AttendanceStatus, early: int) -> None:
    found = computed(shown(0, left))
    assert (found.status, found.early_seconds) == (status, early)


def test_less_than_the_minimum_share_is_partial() -> None:
    assert computed(shown(0, 1199)).status is A.PARTIAL
    assert computed(shown(0, 1200)).status is A.EARLY_LEAVE
    assert computed(shown(0, 100) + shown(2300, LESSON)).status is A.PARTIAL


def test_no_evidence_is_absent() -> None:
    assert computed([]).status is A.ABSENT
    assert computed(shown(-300, 0) + shown(LESSON, LESSON + 60)).status is A.ABSENT
    assert computed([fact(K.CONNECTED, 0, LESSON)]).status is A.ABSENT


def test_a_black_picture_is_not_attendance() -> None:
    """Media arrived and the terminal reported all along, but it decoded no frame."""
    found = computed([fact(k, 0, LESSON) for k in (K.CONNECTED, K.RECEIVED, K.REPORTED)])
    assert found.status is A.ABSENT
    assert found.received == (SCHEDULE,)
    assert (found.minutes_received, found.minutes_shown) == (40, 0)


def test_a_plain_player_that_never_reports_counts_by_media_received() -> None:
    found = computed([fact(k, 130, LESSON) for k in (K.CONNECTED, K.RECEIVED)])
    assert (found.status, found.joined_at, found.late_seconds) == (A.LATE, at(130), 130)


def test_gaps_are_dated_and_short_ones_are_none() -> None:
    found = computed(shown(0, 600) + shown(602.5, 900) + shown(940, LESSON))
    assert [(g.starts_at, g.ends_at, g.seconds) for g in found.gaps] == [(at(900), at(940), 40)]
    assert found.interruptions == 1
    assert found.shown == (Interval(at(0), at(900)), Interval(at(940), at(LESSON)))
    just_longer = computed(shown(0, 600) + shown(602.501, LESSON))
    assert [gap.seconds for gap in just_longer.gaps] == [2.501]


def test_an_early_end_moves_what_early_means() -> None:
    assert computed(shown(0, 1190), until=1200).status is A.PRESENT


def test_a_lesson_never_taught_has_no_evidence() -> None:
    nothing = attend(SCHEDULE, None, shown(0, LESSON), DEFAULT_POLICY)
    assert (nothing.status, nothing.evidence) == (A.ABSENT, ())
    to_come = attend(SCHEDULE, None, [], DEFAULT_POLICY, running=True)
    assert to_come.status is A.EXPECTED


def test_a_running_lesson_expects_until_it_would_be_late() -> None:
    assert computed([], until=119, running=True).status is A.EXPECTED
    assert computed([], until=120, running=True).status is A.ABSENT


def test_a_running_lesson_judges_no_leaving() -> None:
    found = computed(shown(0, 100), until=600, running=True)
    assert (found.status, found.early_seconds, found.present_now) == (A.PRESENT, 0, False)
    assert computed(shown(0, 596), until=600, running=True).present_now


moments = st.integers(-300, LESSON + 300)
facts = st.lists(
    st.builds(
        lambda kind, start, length: fact(kind, start, start + length),
        st.sampled_from(FactKind),
        moments,
        st.integers(0, 900),
    ),
    max_size=15,
)
policies = st.builds(
    AttendancePolicy,
    grace=st.timedeltas(timedelta(0), timedelta(minutes=10)),
    late_after=st.timedeltas(timedelta(0), timedelta(minutes=10)),
    early_before=st.timedeltas(timedelta(0), timedelta(minutes=10)),
    minimum_share=st.floats(0, 1),
    gap_tolerance=st.timedeltas(timedelta(0), timedelta(seconds=10)),
)


@given(facts, policies, st.booleans(), st.randoms(use_true_random=False))
def test_shuffled_doubled_and_split_facts_change_nothing(
    found: list[Fact], policy: AttendancePolicy, running: bool, random: object
) -> None:
    again = list(found)
    for one in found:
        middle = one.starts_at + (one.ends_at - one.starts_at) / 3
        again += [one, Fact(one.kind, one.starts_at, middle), Fact(one.kind, middle, one.ends_at)]
    random.shuffle(again)  # type: ignore[attr-defined]
    assert computed(again, policy, running=running) == computed(found, policy, running=running)


@given(facts, policies)
def test_the_figures_fit_each_other(found: list[Fact], policy: AttendancePolicy) -> None:
    leg = computed(found, policy)
    assert leg.interruptions == len(leg.gaps)
    assert (leg.joined_at is None) == (leg.evidence == ()) == (leg.status is A.ABSENT)
    assert 0 <= leg.minutes_shown <= 40
    assert 0 <= leg.minutes_received <= 40
    if leg.joined_at is not None and leg.left_at is not None:
        held = sum(one.seconds for one in leg.evidence) + sum(gap.seconds for gap in leg.gaps)
        assert held == pytest.approx((leg.left_at - leg.joined_at).total_seconds())
        assert all(gap.seconds > policy.gap_tolerance.total_seconds() for gap in leg.gaps)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_policy_refuses_what_makes_no_sense(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        AttendancePolicy(minimum_share=share)
    with pytest.raises(ValueError, match="negative"):
        AttendancePolicy(grace=timedelta(seconds=-1))
