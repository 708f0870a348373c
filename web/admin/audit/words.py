"""The audit trail in words: what was done, and to what, in the reader's language and the county's
zone."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.audit.reading import AuditView
from web.kit.words.formats import clock_time, local_day, long_day
from web.kit.words.i18n import gettext as _

ACTIONS = ("lesson.", "terminal.", "session.", "account.", "organisation.")
"""What the filter offers: the beginnings of actions."""


def action_words() -> dict[str, str]:
    """Return the beginnings of actions in the reader's words."""
    return {
        "lesson.": _("课程"),
        "terminal.": _("终端"),
        "session.": _("登录"),
        "account.": _("账号"),
        "organisation.": _("组织"),
    }


def action_word(action: str) -> str:
    """Return what was done, in words; an action without a word is shown as it is."""
    words = {
        "lesson.book": _("预约课程"),
        "lesson.move": _("调整时间"),
        "lesson.cancel": _("取消课程"),
        "lesson.end": _("提前结束课程"),
        "lesson.patrol": _("巡课"),
        "lesson.confirm": _("确认听讲"),
        "lesson.decline": _("谢绝听讲"),
        "lesson.head_count": _("填写人数"),
        "lesson.remark": _("更正说明"),
        "lesson.remove_leg": _("移除听讲教室"),
        "terminal.approve": _("批准终端"),
        "terminal.revoke": _("解除终端"),
        "session.begin": _("登录"),
        "session.end": _("退出"),
        "session.end_all": _("退出所有设备"),
        "session.refused": _("登录被拒绝"),
        "account.create": _("建立账号"),
        "organisation.import": _("导入组织"),
    }
    return words.get(action, action)


def event_text(event: AuditView, zone: ZoneInfo) -> str:
    """Return what the event says beside its action: the thing's name, times, counts, a reason."""
    moments = dict.fromkeys(side.get("starts_at") for side in (event.before, event.after))
    times = [_time(moment, zone) for moment in moments]
    reason = event.after.get("reason")
    parts = [
        event.summary,
        " → ".join(time for time in times if time),
        _counts(event.after),
        _("原因：%(reason)s") % {"reason": reason} if reason else "",
    ]
    return " · ".join(part for part in parts if part)


def lesson_id(event: AuditView) -> str:
    """Return the lesson that the event is about, "" for another thing."""
    return event.object_id if event.action.startswith("lesson.") else ""


def _time(iso: object, zone: ZoneInfo) -> str:
    if not isinstance(iso, str):
        return ""
    moment = datetime.fromisoformat(iso)
    return f"{long_day(local_day(moment, zone))} {clock_time(moment, zone)}"


def _counts(data: Mapping[str, object]) -> str:
    if "created" not in data:
        return ""
    names = ("created", "updated", "unchanged")
    return _("新增 %(created)s 项，更新 %(updated)s 项，%(unchanged)s 项没有变化。") % {
        name: data.get(name, 0) for name in names
    }
