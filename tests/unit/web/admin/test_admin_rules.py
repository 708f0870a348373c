"""The pure rules behind the administrators' pages: states, alerts, remarks, trees."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.evidence.attendance import attend
from scheduler.evidence.intervals import Fact, Interval
from scheduler.evidence.policy import AttendancePolicy
from scheduler.evidence.tables import FactKind
from scheduler.lessons.states import LegState, LessonState
from scheduler.organisation.enums import CommunityKind, MemberRole, RoomKind
from scheduler.organisation.shapes import CommunityView, MemberView, RoomView
from scheduler.terminals.shapes import TerminalView
from scheduler.terminals.states import TerminalState
from scheduler.usage.rows import Counted, LegUsageRow, Moment
from tests.support.webclient import MORNING
from web.admin.organisation.pages import matches, roots
from web.admin.overview import absence_alerts, node_alerts
from web.admin.usage.view import block, blocks, reason_word, remarks, repeated_moments
from web.kit.ports import NodeStatus
from web.kit.rooms.terminal_states import NO_TERMINAL, YOUNG, counts, remark, room_states, state_now

ZONE = ZoneInfo("Asia/Shanghai")
LESSON = Interval(MORNING, MORNING + timedelta(minutes=40))


def room(room_id: str, kind: RoomKind = RoomKind.INTERACTIVE) -> RoomView:
    return RoomView(room_id, room_id, room_id, kind, None, True, "c", "本部", "s", "一小", ())


def terminal(room_id: str, **more: Any) -> TerminalView:
    plain = TerminalView("t", "t", room(room_id), TerminalState.STANDBY, {}, MORNING, MORNING, None)
    return replace(plain, **more)


def test_a_state_that_is_too_old_is_offline() -> None:
    assert state_now(terminal("a"), MORNING + YOUNG) is TerminalState.STANDBY
    assert state_now(terminal("a"), MORNING + YOUNG + timedelta(seconds=1)) is TerminalState.OFFLINE
    assert state_now(terminal("a", last_seen_at=None), MORNING) is TerminalState.OFFLINE


def test_rooms_without_a_terminal_are_listed_but_halls_are_not() -> None:
    rooms = [room("a"), room("b"), room("hall", RoomKind.OTHER)]
    states = room_states(rooms, [terminal("a")], MORNING)
    assert [(one.room.id, one.state, one.trouble) for one in states] == [
        ("a", TerminalState.STANDBY, False),
        ("b", None, True),
    ]
    assert counts(states) == {"STANDBY": 1, NO_TERMINAL: 1}


def test_a_fault_is_shown_in_words_with_its_code() -> None:
    broken = terminal("a", state=TerminalState.FAULT, detail={"fault": "C03"})
    assert remark(broken) == "没有摄像头 C03"
    assert remark(replace(broken, detail={})) == "终端故障"
    assert remark(terminal("a")) == ""


def test_a_silent_node_is_an_alert() -> None:
    nodes = [NodeStatus("n1", "http://n1", reachable=True), NodeStatus("n2", "http://n2")]
    assert [alert.text for alert in node_alerts(nodes)] == ["转发节点 n2 没有回应"]


def row(leg: str, *spans: tuple[float, float], running: bool = False, **more: Any) -> LegUsageRow:
    facts = [
        Fact(kind, MORNING + timedelta(minutes=first), MORNING + timedelta(minutes=last))
        for first, last in spans
        for kind in (FactKind.RECEIVED, FactKind.SHOWN, FactKind.HEARD)
    ]
    seen = attend(LESSON, LESSON, facts, AttendancePolicy(), running=running)
    plain = LegUsageRow(
        lesson_id="l1",
        lesson_title="草原",
        subject="语文",
        lesson_state=LessonState.LIVE if running else LessonState.ENDED,
        community_id=None,
        teacher_id="t",
        teacher_name="陈老师",
        host_school_id="s",
        host_school_name="一小",
        host_room_name="录播教室",
        starts_at=LESSON.starts_at,
        ends_at=LESSON.ends_at,
        actual_started_at=LESSON.starts_at,
        actual_ended_at=None if running else LESSON.ends_at,
        role="LEG",
        leg_id=leg,
        leg_state=LegState.LEFT,
        school_id=leg,
        school_name=leg,
        room_id=leg,
        room_name="教室",
        class_name=None,
        assistant_name=None,
        pupils_expected=None,
        attendance=seen,
    )
    return replace(plain, **more)


def counted(*pupils: int) -> tuple[Counted, ...]:
    """Return head counts, the newest last."""
    return tuple(Counted(number, MORNING, "李老师") for number in pupils)


@pytest.mark.parametrize(
    ("spans", "more", "expected"),
    [
        (((0, 40),), {}, []),
        (((6, 40),), {}, ["迟到 6 分"]),
        (((0, 20), (21, 40)), {}, ["中断 1 次共 1 分"]),
        (((0, 30),), {}, ["早退 10 分"]),
        (((0, 40),), {"counts": counted(0)}, ["有画面，但人数为 0"]),
        (((0, 40),), {"counts": counted(32)}, []),
        ((), {"counts": counted(32)}, ["填了人数，但没有画面"]),
        ((), {"counts": counted(0)}, []),
        (((0, 40),), {"counts": counted(0, 32), "pupils_expected": 32}, []),
        (((0, 40),), {"counts": counted(30), "pupils_expected": 32}, ["比应到少 2 人"]),
        (((0, 40),), {"counts": counted(33), "pupils_expected": 32}, ["比应到多 1 人"]),
    ],
)
def test_what_is_remarkable_about_a_leg(
    spans: tuple[tuple[float, float], ...], more: dict[str, Any], expected: list[str]
) -> None:
    assert remarks(row("a", *spans, **more)) == expected


def test_rows_are_grouped_by_lesson_with_the_host_first() -> None:
    host = row("h", (0, 40), role="HOST", leg_id=None)
    other = row("c", lesson_id="l2")
    first, second = blocks([row("a", (0, 40)), row("b"), other, host], MORNING, ZONE)
    assert [line.row.school_id for line in first.lines] == ["h", "a", "b"]
    assert (first.present, first.expected) == (1, 2)
    assert (second.first.lesson_id, second.present, second.expected) == ("l2", 0, 1)


def test_a_leg_that_sees_nothing_is_an_alert_unless_its_terminal_is_one() -> None:
    rows = [
        row("in", (0, 40), running=True),
        row("lost", (0, 10), running=True),
        row("never", running=True),
        row("broken", running=True),
    ]
    alerts = absence_alerts([block(rows, LESSON.ends_at, ZONE)], {"broken"})
    assert [alert.text for alert in alerts] == [
        "lost 教室 看不到《草原》的画面",
        "never 教室 还没有进入《草原》",
    ]
    assert {alert.link for alert in alerts} == {"/admin/usage/l1"}


def test_a_moment_that_repeats_is_one_line() -> None:
    def moment(kind: FactKind, minute: int, reason: str = "") -> Moment:
        return Moment(kind, MORNING + timedelta(minutes=minute), reason)

    joined, refused = FactKind.JOINED, FactKind.REFUSED
    moments = [
        moment(joined, 0),
        moment(refused, 1, "revoked"),
        moment(refused, 2, "revoked"),
        moment(refused, 3, "expired"),
        moment(joined, 4),
    ]
    told = repeated_moments(moments)
    assert [(one.kind, one.reason, one.times) for one in told] == [
        (joined, "", 1),
        (refused, "revoked", 2),
        (refused, "expired", 1),
        (joined, "", 1),
    ]
    assert (told[1].first, told[1].last) == (moments[1].at, moments[2].at)
    assert repeated_moments([]) == []


def test_an_unknown_reason_is_shown_as_it_is() -> None:
    assert reason_word("bye") == reason_word("closed by the peer") == "自己离开"
    assert (reason_word("lost"), reason_word("moon phase")) == ("连接中断", "moon phase")


def test_the_tree_begins_with_communities_that_are_no_members() -> None:
    def community(name: str, *members: MemberView, schools: tuple[str, ...]) -> CommunityView:
        kind = CommunityKind.COMMUNITY
        return CommunityView(name, name, name, kind, None, None, "", members, schools)

    nested = MemberView(MemberRole.CORE, "g", None, "g", ("s1",), None, None)
    group, whole = community("g", schools=("s1",)), community("w", nested, schools=("s1", "s2"))
    foreign = community("f", schools=("s9",))
    lines: dict[str, Any] = {"s1": None}
    assert [one.id for one in roots([group, whole, foreign], lines)] == ["w"]


def test_rows_of_the_organisation_fit_school_and_text() -> None:
    assert matches("", "", "s1", "互动教室")
    assert matches("s1", "教室", "s1", "互动教室")
    assert not matches("s2", "", "s1", "互动教室")
    assert not matches("", "礼堂", "s1", "互动教室")
