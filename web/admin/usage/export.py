"""The usage log as a table for spreadsheets: one line per leg (and per host). Pure."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.usage.rows import LegFiguresRow
from web.admin.usage.view import HOST
from web.kit.downloads.csv_text import Cell
from web.kit.words.i18n import gettext as _
from web.kit.words.labels import label


def head() -> list[str]:
    """Return the names of the columns."""
    return [
        _("日期"),
        _("计划开始"),
        _("计划结束"),
        _("实际开始"),
        _("实际结束"),
        _("课程"),
        _("学科"),
        _("课程状态"),
        _("主讲教师"),
        _("主讲学校"),
        _("主讲教室"),
        _("端"),
        _("学校"),
        _("教室"),
        _("班级"),
        _("助教"),
        _("到课"),
        _("进入"),
        _("离开"),
        _("收到（分）"),
        _("画面（分）"),
        _("声音（分）"),
        _("迟到（秒）"),
        _("早退（秒）"),
        _("中断次数"),
        _("中断（秒）"),
        _("实到人数"),
        _("应到人数"),
        _("人数填写人"),
        _("人数填写时间"),
        _("更正为"),
        _("更正理由"),
        _("更正人"),
        _("更正时间"),
        _("课程编号"),
    ]


def lines(rows: Iterable[LegFiguresRow], zone: ZoneInfo) -> list[list[Cell]]:
    """Return the cells under `head`."""
    return [_line(row, zone) for row in rows]


def _line(row: LegFiguresRow, zone: ZoneInfo) -> list[Cell]:
    seen = row.attendance
    return [
        row.starts_at.astimezone(zone).date().isoformat(),
        _clock(row.starts_at, zone),
        _clock(row.ends_at, zone),
        _clock(row.actual_started_at, zone),
        _clock(row.actual_ended_at, zone),
        row.lesson_title,
        row.subject,
        label(row.lesson_state),
        row.teacher_name,
        row.host_school_name,
        row.host_room_name,
        _("主讲") if row.role == HOST else _("听讲"),
        row.school_name,
        row.room_name,
        row.class_name,
        row.assistant_name,
        label(seen.status),
        _clock(seen.joined_at, zone),
        _clock(seen.left_at, zone),
        seen.minutes_received,
        seen.minutes_shown,
        seen.minutes_heard,
        seen.late_seconds,
        seen.early_seconds,
        seen.interruptions,
        round(seen.lost_seconds, 1),
        row.head_count,
        row.pupils_expected,
        *_counted(row, zone),
        *_remarked(row, zone),
        row.lesson_id,
    ]


def _counted(row: LegFiguresRow, zone: ZoneInfo) -> list[Cell]:
    """Return who typed the newest head count, and when."""
    if not row.counts:
        return ["", ""]
    newest = row.counts[-1]
    return [newest.by, _moment(newest.at, zone)]


def _remarked(row: LegFiguresRow, zone: ZoneInfo) -> list[Cell]:
    """Return the newest remark; the computed columns stay what they are."""
    if not row.remarks:
        return ["", "", "", ""]
    newest = row.remarks[-1]
    return [label(newest.status), newest.reason, newest.by, _moment(newest.at, zone)]


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _clock(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%H:%M:%S") if moment else ""
