"""教室终端: approve by the code on the wall, see every terminal, take a right away."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from aiohttp import web as http
from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.kernel.errors import NotFound
from scheduler.organisation import directory
from scheduler.organisation.shapes import RoomView
from scheduler.terminals import enrolment
from scheduler.terminals import pairing as pairings
from scheduler.terminals.shapes import TerminalView
from scheduler.terminals.states import ENROLLED_STATES
from scheduler.terminals.views import enrolled_terminals
from web.kit.pages.templating import render
from web.kit.requests.ids import id_or_empty
from web.kit.rooms.terminal_states import (
    NO_TERMINAL,
    RoomState,
    counts,
    remark,
    room_states,
    state_word,
)
from web.kit.services import ACTOR, Services, services_of
from web.kit.words.i18n import gettext as _


async def page(request: http.Request) -> http.Response:
    """GET /admin/terminals?code=&room=&state=&done=."""
    return await _page(request, code=request.query.get("code", ""))


async def approve(request: http.Request) -> http.Response:
    """POST /admin/terminals/approve: code, room, replace."""
    services, actor = services_of(request), request[ACTOR]
    fields = await request.post()
    code = str(fields.get("code", "")).strip().upper().replace(" ", "")
    room_id, replace = str(fields.get("room", "")), fields.get("replace") == "yes"
    if not code or not room_id:
        return await _page(request, code=code, problem=_("请填写配对码并选择教室。"), status=422)
    try:
        terminal = await enrolment.approve_pairing(
            services.db, services.clock(), actor, code, room_id, replace=replace
        )
    except NotFound:
        wrong = _("没有等待中的屏幕显示这个配对码。请核对屏幕上的码，它每隔几分钟会换一次。")
        return await _page(request, code=code, room_id=room_id, problem=wrong, status=422)
    except enrolment.RoomOccupied as occupied:
        return await _page(
            request, code=code, room_id=room_id, occupied=occupied.terminal, status=409
        )
    raise http.HTTPSeeOther(f"/admin/terminals?done=approved&room={terminal.room.id}")


async def revoke(request: http.Request) -> http.Response:
    """POST /admin/terminals/{id}/revoke: its page goes back to the pairing code at once."""
    services = services_of(request)
    terminal = await enrolment.revoke_terminal(
        services.db, services.clock(), request[ACTOR], request.match_info["id"]
    )
    raise http.HTTPSeeOther(f"/admin/terminals?done=revoked&room={terminal.room.id}")


async def _page(
    request: http.Request,
    *,
    code: str,
    room_id: str = "",
    problem: str = "",
    occupied: TerminalView | None = None,
    status: int = 200,
) -> http.Response:
    services, actor = services_of(request), request[ACTOR]
    now = services.clock()
    async with services.db.read() as session:
        states = await _states(session, actor, services)
    waiting = await pairings.pending_pairings(services.db, now)
    wanted = request.query.get("state", "")
    context = {
        "code": code,
        "room_id": room_id or id_or_empty(request.query.get("room")),
        "notice": _done(request, states),
        "problem": problem,
        "occupied": occupied,
        "waiting": next((one for one in waiting if one.code == code.upper()), None),
        "waiting_count": len(waiting),
        "schools": _by_school(state.room for state in states),
        "states": [state for state in states if _matches(state, wanted)],
        "wanted": wanted,
        "counts": counts(states),
        "all_states": ENROLLED_STATES,
        "no_terminal": NO_TERMINAL,
        "terminal_url": f"{services.settings.public_url}/terminal",
        "remark": remark,
    }
    return render(request, "admin/terminals.html", context, status)


async def _states(session: AsyncSession, actor: Actor, services: Services) -> list[RoomState]:
    reach = actor.schools(Action.TERMINAL_APPROVE)
    rooms = await directory.rooms(session, school_ids=reach)
    terminals = await enrolled_terminals(session, school_ids=reach)
    return room_states(rooms, terminals, services.clock())


def _matches(state: RoomState, wanted: str) -> bool:
    return not wanted or state_word(state) == wanted


def _by_school(rooms: Iterable[RoomView]) -> Sequence[tuple[str, list[RoomView]]]:
    """Return rooms grouped for the menu; they come ordered by school."""
    return [(name, list(group)) for name, group in groupby(rooms, lambda room: room.school_name)]


def _done(request: http.Request, states: Iterable[RoomState]) -> str:
    """Return what was done just now and to which room; "" when nothing was."""
    sentences = {
        "approved": _("已批准。%(room)s 的屏幕会在几秒内进入待机页面。"),
        "revoked": _("已解除绑定。%(room)s 的屏幕会回到配对页面，正在上的课也已断开。"),
    }
    sentence = sentences.get(request.query.get("done", ""), "")
    room_id = request.query.get("room", "")
    names = [state.room.full_name for state in states if state.room.id == room_id]
    return sentence % {"room": names[0]} if sentence and names else ""
