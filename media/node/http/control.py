"""The control API, for the coordinator alone (media.contract.control lists it)."""

import asyncio
import hmac
import os
import signal
from pathlib import Path
from typing import TypeVar

from aiohttp import web as http
from pydantic import ValidationError

from media import clock
from media.contract.control import (
    HEADER,
    OLDEST_COORDINATOR,
    PROTOCOL,
    Acknowledge,
    CloseStage,
    JournalPage,
    NodeHello,
    Revoke,
    Stages,
)
from media.contract.model import StrictModel, TolerantModel, first_fault
from media.node.http.endpoints import NODE, STAGE
from media.node.http.problems import Handler, HttpProblem
from media.node.telemetry.load import LOAD
from media.node.telemetry.stats import node_stats

SECRET = http.AppKey("secret", str)
MAX_RECORDS = 2000

Body = TypeVar("Body", bound=StrictModel)


@http.middleware
async def guarded(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Refuse control calls without the node secret."""
    if request.path.startswith("/control/"):
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        shown = given.encode("utf-8", "surrogateescape")  # a header may hold any bytes
        if not hmac.compare_digest(shown, request.app[SECRET].encode()):
            raise HttpProblem(401, "no-secret", "show the secret", {"WWW-Authenticate": "Bearer"})
        _check_protocol(request)
    return await handler(request)


def _check_protocol(request: http.Request) -> None:
    """Refuse a coordinator of a version that we do not speak; one without hello names none."""
    named = request.headers.get(HEADER, str(PROTOCOL))
    spoken = int(named) if named.isascii() and named.isdigit() else 0
    if not OLDEST_COORDINATOR <= spoken <= PROTOCOL:
        detail = f"this node speaks versions {OLDEST_COORDINATOR} to {PROTOCOL}"
        raise HttpProblem(400, "protocol", detail)


async def _body(request: http.Request, wanted: type[Body]) -> Body:
    """Return the body. Refuse with 400 what is no JSON object, with 422 a field that does not fit:
    an order that is half understood would be half carried out."""
    try:
        return wanted.model_validate_json(await request.read())
    except ValidationError as error:
        kind = error.errors(include_url=False)[0]["type"]
        if kind in ("json_invalid", "model_type"):
            raise HttpProblem(400, "malformed-json", "the body is not a JSON object") from None
        raise HttpProblem(422, "field", first_fault(error)) from None


def _answer(body: TolerantModel) -> http.Response:
    return http.Response(text=body.model_dump_json(), content_type="application/json")


async def hello(request: http.Request) -> http.Response:
    node = request.app[NODE]
    return _answer(
        NodeHello(
            node=node.settings.node,
            boot=node.boot,
            protocol=PROTOCOL,
            oldest=OLDEST_COORDINATOR,
            pid=os.getpid(),
            seq=node.journal.seq,
            udp_port=node.port.port,
            uptime=round(clock.mono() - node.started, 3),
            cpu_utilization=request.app[LOAD].utilization,
            stages=len(node.stages),
        )
    )


async def close_stage(request: http.Request) -> http.Response:
    order = await _body(request, CloseStage)
    request.app[NODE].close_stage(request.match_info["stage"], order.reason, order.until)
    return http.Response(status=204)


async def revoke(request: http.Request) -> http.Response:
    order = await _body(request, Revoke)
    lists = (("devices", order.devices), ("tickets", order.jti), ("subjects", order.subjects))
    for kind, given in lists:
        if names := [name for name in given if name]:
            request.app[NODE].revoke(kind, names, order.until)
    return http.Response(status=204)


async def stages(request: http.Request) -> http.Response:
    found = request.app[NODE].stages
    rosters = {name: tuple(stage.roster()) for name, stage in found.items()}
    return _answer(Stages(stages=rosters))


async def stats(request: http.Request) -> http.Response:
    return _answer(node_stats(request.app[NODE], request.app[LOAD]))


async def read_journal(request: http.Request) -> http.Response:
    node = request.app[NODE]
    try:
        after = int(request.query.get("after", "0"))
        limit = min(int(request.query.get("limit", "500")), MAX_RECORDS)
    except ValueError:
        raise HttpProblem(400, "query", "after and limit are numbers") from None
    records = node.journal.read_tail(after, limit)
    if records is None:
        records = await asyncio.to_thread(node.journal.read_disk, after, limit)
    page = JournalPage(
        node=node.settings.node, boot=node.boot, records=tuple(records), last=node.journal.seq
    )
    return _answer(page)


async def acknowledge(request: http.Request) -> http.Response:
    request.app[NODE].journal.acknowledge((await _body(request, Acknowledge)).seq)
    return http.Response(status=204)


async def shutdown(_request: http.Request) -> http.Response:
    asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGTERM)
    return http.Response(status=202)


def add_control(app: http.Application, secret_file: Path) -> None:
    """Put the control API into the application; raise ValueError when the secret is too short."""
    secret = secret_file.read_text().strip()
    if len(secret) < 16:
        raise ValueError("the control secret has fewer than 16 characters")
    app[SECRET] = secret
    app.middlewares.append(guarded)
    app.router.add_get("/control/hello", hello)
    app.router.add_get("/control/stages", stages)
    app.router.add_get("/control/stats", stats)
    app.router.add_post(f"/control/stages/{STAGE}/close", close_stage)
    app.router.add_post("/control/revoke", revoke)
    app.router.add_get("/control/journal", read_journal)
    app.router.add_post("/control/journal/ack", acknowledge)
    app.router.add_post("/control/shutdown", shutdown)
