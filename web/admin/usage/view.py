"""The usage log as its page shows it: lessons, their legs, bars and remarks. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.evidence.intervals import Interval
from scheduler.evidence.tables import FactKind
from scheduler.lessons.states import LessonState
from scheduler.usage.rows import LegUsageRow, Moment
from web.admin.usage.bars import Axis, Bar, Tick, axis_of, bars, length_text, ticks
from web.kit.words.i18n import gettext as _
from web.kit.words.i18n import ngettext

HOST = "HOST"


@dataclass(frozen=True, slots=True)
class RepeatedMoment:
    """What happened `times` times in a row, from `first` to `last`."""

    kind: FactKind
    reason: str
    first: datetime
    last: datetime
    times: int


@dataclass(frozen=True, slots=True)
class LegLine:
    """One row: the leg's figures, its bars, and what is remarkable about it in words."""

    row: LegUsageRow
    bars: tuple[Bar, ...]
    remarks: tuple[str, ...]
    repeated_moments: tuple[RepeatedMoment, ...]


@dataclass(frozen=True, slots=True)
class LessonBlock:
    """One lesson: its axis and its lines, the host first. `present` of `expected` legs came."""

    first: LegUsageRow
    axis: Axis
    ticks: tuple[Tick, ...]
    lines: tuple[LegLine, ...]
    present: int
    expected: int
    running: bool


def blocks(rows: Iterable[LegUsageRow], now: datetime, zone: ZoneInfo) -> list[LessonBlock]:
    """Group rows by lesson, in the order in which the lessons first appear."""
    lessons: dict[str, list[LegUsageRow]] = {}
    for row in rows:
        lessons.setdefault(row.lesson_id, []).append(row)
    return [block(of_lesson, now, zone) for of_lesson in lessons.values()]


def block(rows: Sequence[LegUsageRow], now: datetime, zone: ZoneInfo) -> LessonBlock:
    """Return one lesson's block from its rows (never empty)."""
    first = rows[0]
    axis = axis_of(Interval(first.starts_at, first.ends_at), actual_time(first, now), zone)
    ordered = sorted(rows, key=lambda row: row.role != HOST)
    legs = [row for row in rows if row.role != HOST]
    return LessonBlock(
        first=first,
        axis=axis,
        ticks=tuple(ticks(axis)),
        lines=tuple(
            LegLine(
                row,
                tuple(bars(axis, row.attendance, row.role == HOST)),
                tuple(remarks(row)),
                tuple(repeated_moments(row.moments)),
            )
            for row in ordered
        ),
        present=sum(1 for row in legs if row.attendance.joined_at is not None),
        expected=len(legs),
        running=first.lesson_state is LessonState.LIVE,
    )


def actual_time(row: LegUsageRow, now: datetime) -> Interval | None:
    """Return when the lesson was taught, for a running one up to now."""
    if row.actual_started_at is None:
        return None
    end = row.actual_ended_at or min(now, row.ends_at)
    return Interval(row.actual_started_at, max(end, row.actual_started_at))


def repeated_moments(moments: Sequence[Moment]) -> list[RepeatedMoment]:
    """Join what happened several times in a row: a refused terminal tries again and again."""
    found: list[RepeatedMoment] = []
    for moment in moments:
        before = found[-1] if found else None
        if before and (before.kind, before.reason) == (moment.kind, moment.reason):
            found[-1] = replace(before, last=moment.at, times=before.times + 1)
        else:
            found.append(RepeatedMoment(moment.kind, moment.reason, moment.at, moment.at, 1))
    return found


def remarks(row: LegUsageRow) -> list[str]:
    """Return what an administrator should notice, in the order of time."""
    found = []
    attendance = row.attendance
    if attendance.late_seconds:
        found.append(_("迟到 %(length)s") % {"length": length_text(attendance.late_seconds)})
    if attendance.interruptions:
        lost = sum(gap.seconds for gap in attendance.gaps)
        times = attendance.interruptions
        text = ngettext("中断 %(n)s 次共 %(length)s", "中断 %(n)s 次共 %(length)s", times)
        found.append(text % {"n": times, "length": length_text(lost)})
    if attendance.early_seconds:
        found.append(_("早退 %(length)s") % {"length": length_text(attendance.early_seconds)})
    if attendance.minutes_shown > 1 and attendance.minutes_heard < attendance.minutes_shown / 2:
        found.append(_("多半时间没有声音"))
    found += count_remarks(row)
    return found


def reason_word(reason: str) -> str:
    """Return why a peer left, in words; a relay's newer reason is shown as it is."""
    words = {
        "deleted": _("自己离开"),
        "bye": _("自己离开"),
        "closed by the peer": _("自己离开"),
        "taken over": _("由另一台设备接替"),
        "never used": _("没有连上"),
        "lost": _("连接中断"),
        "stage closed": _("下课"),
        "node stopped": _("转发节点停止"),
        "revoked": _("已解除绑定"),
        "expired": _("凭证到期"),
    }
    return words.get(reason, reason)


def count_remarks(row: LegUsageRow) -> list[str]:
    """Return where the head count differs from the evidence or from the class; nobody judges."""
    count, pupils = row.head_count, row.pupils_expected
    if row.role == HOST or count is None:
        return []
    if (count == 0) == (row.attendance.joined_at is not None):
        return [_("有画面，但人数为 0") if count == 0 else _("填了人数，但没有画面")]
    if pupils is None or count in (0, pupils):
        return []
    values = {"n": abs(count - pupils)}
    return [(_("比应到少 %(n)s 人") if count < pupils else _("比应到多 %(n)s 人")) % values]
