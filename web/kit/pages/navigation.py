"""The menu: what each role can open."""

from dataclasses import dataclass

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.kernel.sentences import N_
from web.kit.words.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry; `label` is a msgid; without an action it is for everybody signed in."""

    path: str
    label: str
    action: Action | None = None


MENU_ENTRIES = (
    MenuEntry("/today", N_("今日")),
    MenuEntry("/book", N_("排课"), Action.LESSON_VIEW),
    MenuEntry("/timetable", N_("我的课表")),
    MenuEntry("/admin", N_("总览"), Action.USAGE_VIEW),
    MenuEntry("/admin/organisation", N_("组织"), Action.ORGANISATION_VIEW),
    MenuEntry("/admin/terminals", N_("教室终端"), Action.TERMINAL_APPROVE),
    MenuEntry("/admin/usage", N_("使用日志"), Action.USAGE_VIEW),
    MenuEntry("/admin/audit", N_("审计"), Action.AUDIT_VIEW),
    MenuEntry("/admin/system", N_("系统"), Action.SYSTEM_VIEW),
)


@dataclass(frozen=True, slots=True)
class MenuItem:
    path: str
    label: str
    current: bool


def menu(actor: Actor | None, path: str) -> list[MenuItem]:
    """Return the entries that `actor` may open; none for a visitor."""
    if actor is None:
        return []
    open_to = [e for e in MENU_ENTRIES if e.action is None or actor.may(e.action)]
    here = max(
        (e.path for e in open_to if path == e.path or path.startswith(e.path + "/")),
        key=len,
        default="",
    )
    return [MenuItem(e.path, _(e.label), e.path == here) for e in open_to]
