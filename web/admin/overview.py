"""总览: what runs now, how the rooms stand, what needs somebody, this week beside last."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web as http

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.evidence.attendance import AttendanceStatus
from scheduler.evidence.set_aside import count_set_aside
from scheduler.lessons.predicates import HOLDING, TAUGHT
from scheduler.lessons.shapes import LessonView
from scheduler.lessons.states import LessonState
from scheduler.lessons.views import lessons_between
from scheduler.organisation import directory
from scheduler.terminals.states import ENROLLED_STATES
from scheduler.terminals.views import enrolled_terminals
from scheduler.usage.log import usage_log, usage_totals
from scheduler.usage.rows import UsageFilters, UsageTotals
from web.admin.usage.view import LessonBlock, blocks
from web.kit.pages.templating import render
from web.kit.ports import NodeStatus
from web.kit.rooms.terminal_states import NO_TERMINAL, RoomState, counts, remark, room_states
from web.kit.services import ACTOR, Services, services_of
from web.kit.words.formats import clock_time, local_day, week_of
from web.kit.words.i18n import gettext as _
from web.kit.words.i18n import ngettext

LATELY = timedelta(days=7)
"""What was set aside stays an alert for so long."""

SOON = timedelta(minutes=60)
"""A room in trouble is worth an alert when a lesson needs it within this time."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that somebody should look after, and where. `level`: "bad" or "warn"."""

    level: str
    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Weeks:
    """This week up to now, and the whole of last week."""

    this: UsageTotals
    last: UsageTotals
    this_from: date
    last_from: date
    last_to: date


async def page(request: http.Request) -> http.Response:
    """GET /admin."""
    services, actor = services_of(request), request[ACTOR]
    now, reach = services.clock(), actor.schools(Action.USAGE_VIEW)
    async with services.db.read() as session:
        coming = await lessons_between(
            session, now - timedelta(hours=1), now + SOON, school_ids=reach, states=HOLDING
        )
        rooms = await directory.rooms(session, school_ids=reach)
        terminals = await enrolled_terminals(session, school_ids=reach)
        aside = await count_set_aside(session, now - LATELY)
    states = room_states(rooms, terminals, now)
    live = await _live(services, actor, now)
    nodes = await services.relay.status()
    troubled = {state.room.id for state in states if state.trouble}
    alerts = [
        *node_alerts(nodes),
        *aside_alerts(aside),
        *room_alerts(states, coming, now, services),
        *absence_alerts(live, troubled),
    ]
    context = {
        "live": live,
        "lobby": [lesson for lesson in coming if lesson.state is LessonState.LOBBY],
        "next": next((one for one in coming if one.state is LessonState.BOOKED), None),
        "counts": counts(states),
        "rooms": len(states),
        "no_terminal": NO_TERMINAL,
        "all_states": ENROLLED_STATES,
        "alerts": alerts,
        "weeks": await _weeks(services, actor, now),
    }
    return render(request, "admin/overview.html", context)


async def _live(services: Services, actor: Actor, now: datetime) -> list[LessonBlock]:
    """Return the lessons that run, with the attendance of their legs so far."""
    today = local_day(now, services.settings.zone)
    running = UsageFilters(today - timedelta(days=1), today, states=(LessonState.LIVE,))
    rows = await usage_log(services.db, actor, running, now, services.policy)
    return blocks(rows, now, services.settings.zone)


async def _weeks(services: Services, actor: Actor, now: datetime) -> Weeks:
    monday = week_of(local_day(now, services.settings.zone))[0]
    before = week_of(monday - timedelta(days=7))
    this = await _totals(services, actor, now, monday, monday + timedelta(days=6))
    last = await _totals(services, actor, now, before[0], before[-1])
    return Weeks(this, last, monday, before[0], before[-1])


async def _totals(
    services: Services, actor: Actor, now: datetime, from_day: date, to_day: date
) -> UsageTotals:
    """Add up what was taught: what never was is no absence of a school."""
    taught = UsageFilters(from_day, to_day, states=TAUGHT)
    return await usage_totals(services.db, actor, taught, now, services.policy)


def node_alerts(nodes: Iterable[NodeStatus]) -> list[Alert]:
    """Return an alert for each relay node that does not answer. Pure."""
    return [
        Alert("bad", _("转发节点 %(node)s 没有回应") % {"node": node.id}, "/admin/system")
        for node in nodes
        if not node.reachable
    ]


def aside_alerts(count: int) -> list[Alert]:
    """Return an alert where journals held what the ledger could not take. Pure."""
    if not count:
        return []
    told = ngettext(
        "近 7 天有 %(num)s 条课堂记录无法入账，已另存",
        "近 7 天有 %(num)s 条课堂记录无法入账，已另存",
        count,
    )
    return [Alert("bad", told % {"num": count}, "/admin/system")]


def room_alerts(
    states: Sequence[RoomState], lessons: Iterable[LessonView], now: datetime, services: Services
) -> list[Alert]:
    """Return an alert for each room in trouble that a lesson needs soon or now."""
    by_room = {state.room.id: state for state in states}
    alerts = []
    for lesson in lessons:
        if lesson.ends_at <= now:
            continue
        for room_id in lesson.room_ids:
            state = by_room.get(room_id)
            if state is not None and state.trouble:
                alerts.append(_room_alert(state, lesson, services))
    return alerts


def _room_alert(state: RoomState, lesson: LessonView, services: Services) -> Alert:
    values = {
        "room": f"{state.room.school_name} {state.room.name}",
        "trouble": _trouble(state, services),
        "time": clock_time(lesson.starts_at, services.settings.zone),
        "lesson": lesson.title,
    }
    text = _("%(room)s：%(trouble)s，%(time)s 有课《%(lesson)s》") % values
    return Alert("bad", text, f"/admin/terminals?room={state.room.id}")


def _trouble(state: RoomState, services: Services) -> str:
    terminal = state.terminal
    if terminal is None:
        return _("没有终端")
    if remark(terminal):
        return remark(terminal)
    if terminal.last_seen_at is None:
        return _("终端从未上线")
    since = clock_time(terminal.last_seen_at, services.settings.zone)
    return _("终端离线，%(time)s 起") % {"time": since}


def absence_alerts(live: Iterable[LessonBlock], known: Collection[str] = ()) -> list[Alert]:
    """Return an alert for each leg that should see the running lesson and does not. Pure.

    `known`: rooms whose terminal is in trouble, which is an alert of its own already.
    """
    alerts = []
    for block in live:
        for line in block.lines:
            seen = line.row.attendance
            expected = seen.status is AttendanceStatus.EXPECTED
            if seen.present_now or expected or line.row.room_id in known:
                continue
            values = {
                "room": f"{line.row.school_name} {line.row.room_name}",
                "lesson": line.row.lesson_title,
            }
            text = (
                _("%(room)s 还没有进入《%(lesson)s》")
                if seen.joined_at is None
                else _("%(room)s 看不到《%(lesson)s》的画面")
            )
            alerts.append(Alert("warn", text % values, f"/admin/usage/{line.row.lesson_id}"))
    return alerts
