"""The terminal's HTTP API: pairing and the day. Terminals show a Bearer token, never a cookie."""

import json
from typing import Any

from aiohttp import web as http

from scheduler.kernel.errors import NotFound
from scheduler.lessons.recording import lessons_of_terminal
from scheduler.terminals import enrolment
from scheduler.terminals import pairing as pairings
from scheduler.terminals.shapes import TerminalView
from web.kit.middleware.plain import storable
from web.kit.problems import HttpProblem
from web.kit.requests.address import masked_address, source_of
from web.kit.services import Services, services_of
from web.kit.words.i18n import gettext as _
from web.terminal.day import day_document, local_day_bounds, room_document


def bearer(request: http.Request) -> str:
    """Return the Bearer token; raise a 401 problem where there is none."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= 256 or not token.isascii():
        raise HttpProblem(
            401, "no-token", _("缺少终端凭证。"), headers={"WWW-Authenticate": "Bearer"}
        )
    return token


def revoked() -> HttpProblem:
    """Return the one answer after which a terminal forgets its token."""
    return HttpProblem(
        401,
        "terminal-revoked",
        _("这台终端已被解除绑定，请重新配对。"),
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


async def terminal_of(services: Services, token: str) -> TerminalView:
    """Return the live terminal with this token; raise the problem `terminal-revoked`."""
    async with services.db.read() as session:
        terminal = await enrolment.terminal_of_token(session, token)
    if terminal is None:
        raise revoked()
    return terminal


async def begin_pairing(request: http.Request) -> http.Response:
    """POST /api/v1/terminal/pairings: a code for the wall, a secret for the terminal."""
    services = services_of(request)
    now, address = services.clock(), masked_address(request)
    user_agent = await _user_agent(request)
    try:
        pairing = await pairings.begin_pairing(
            services.db, now, user_agent, address, source_of(request)
        )
    except pairings.TooManyPairings:
        raise HttpProblem(
            429, "too-many-pairings", _("配对请求太多，请稍后再试。"), headers={"Retry-After": "60"}
        ) from None
    return http.json_response(
        {
            "id": pairing.id,
            "code": pairing.code,
            "secret": pairing.secret,
            "expires_at": pairing.expires_at.timestamp(),
            "url": approval_url(services, pairing.code),
        },
        status=201,
    )


def approval_url(services: Services, code: str) -> str:
    """Return the page on which an administrator approves the terminal that shows `code`."""
    return f"{services.settings.public_url}/admin/terminals?code={code}"


async def pairing_status(request: http.Request) -> http.Response:
    """GET /api/v1/terminal/pairings/{id}: waiting, approved (with the room) or expired."""
    services = services_of(request)
    try:
        status = await pairings.pairing_status(
            services.db, services.clock(), request.match_info["id"], bearer(request)
        )
    except NotFound:
        raise HttpProblem(404, "no-such-pairing", _("没有这个配对请求。")) from None
    body: dict[str, Any] = {"status": status.status}
    if status.room is not None:
        body["room"] = room_document(status.room).model_dump()
    return http.json_response(body)


async def day(request: http.Request) -> http.Response:
    """GET /api/v1/terminal/day: today's lessons of this room with their tickets."""
    services = services_of(request)
    terminal = await terminal_of(services, bearer(request))
    now, zone = services.clock(), services.settings.zone
    start, end = local_day_bounds(now, zone)
    async with services.db.read() as session:
        parts = await lessons_of_terminal(session, terminal.room.id, start, end)
    orders = await services.placement.relays([part.lesson.id for part in parts])
    document = day_document(
        now,
        zone,
        terminal,
        parts,
        services.tickets.relays(),
        orders,
        services.timing,
        services.tickets.mint,
    )
    return http.Response(text=document.model_dump_json(), content_type="application/json")


async def _user_agent(request: http.Request) -> str:
    """Return what the terminal calls itself; the body may be empty, but never malformed."""
    try:
        text = await request.text()
    except (ValueError, LookupError):  # not of the charset that it claims, or of an unknown one
        raise HttpProblem(400, "malformed", _("请求不是有效的 JSON。")) from None
    own = storable(request.headers.get("User-Agent", ""))
    if not text:
        return own
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise HttpProblem(400, "malformed", _("请求不是有效的 JSON。")) from None
    if not isinstance(body, dict) or not isinstance(body.get("user_agent", ""), str):
        raise HttpProblem(422, "malformed", _("请求的字段不正确。"))
    return storable(str(body.get("user_agent", ""))) or own
