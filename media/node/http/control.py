"""The control API, for the coordinator alone (media.contract.control lists it)."""

import asyncio
import hmac
import json
import os
import signal
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web as http

from media import clock
from media.contract.control import PROTOCOL
from media.node.http.endpoints import NODE
from media.node.http.problems import Handler, HttpProblem
from media.node.telemetry.load import LOAD
from media.node.telemetry.stats import node_stats

SECRET = http.AppKey("secret", str)
MAX_RECORDS = 2000


@http.middleware
async def guarded(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Refuse control calls without the node secret."""
    if request.path.startswith("/control/"):
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        shown = given.encode("utf-8", "surrogateescape")  # a header may hold any bytes
        if not hmac.compare_digest(shown, request.app[SECRET].encode()):
            raise HttpProblem(401, "no-secret", "show the secret", {"WWW-Authenticate": "Bearer"})
    return await handler(request)


async def _json(request: http.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise HttpProblem(400, "malformed-json", "the body is not JSON") from None
    if not isinstance(body, dict):
        raise HttpProblem(400, "malformed-json", "the body is not an object")
    return body


def _field(body: dict[str, Any], name: str, kind: type | tuple[type, ...]) -> Any:
    value = body.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise HttpProblem(422, "field", f"{name} is missing or of the wrong type")
    return value


async def hello(request: http.Request) -> http.Response:
    node = request.app[NODE]
    return http.json_response(
        {
            "node": node.settings.node,
            "boot": node.boot,
            "protocol": PROTOCOL,
            "pid": os.getpid(),
            "seq": node.journal.seq,
            "udp_port": node.port.port,
            "uptime": round(clock.mono() - node.started, 3),
            "cpu_utilization": request.app[LOAD].utilization,
        }
    )


async def close_stage(request: http.Request) -> http.Response:
    body = await _json(request)
    reason, until = _field(body, "reason", str), _field(body, "until", (int, float))
    request.app[NODE].close_stage(request.match_info["stage"], reason, until)
    return http.Response(status=204)


async def reopen_stage(request: http.Request) -> http.Response:
    request.app[NODE].revocations.lift("stages", request.match_info["stage"], clock.wall())
    return http.Response(status=204)


async def revoke(request: http.Request) -> http.Response:
    body = await _json(request)
    until = _field(body, "until", (int, float))
    for field, kind in (("devices", "devices"), ("jti", "tickets"), ("subjects", "subjects")):
        names = body.get(field, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise HttpProblem(422, "field", f"{field} is a list of names")
        if names := [name for name in names if name]:
            request.app[NODE].revoke(kind, names, until)
    return http.Response(status=204)


async def stages(request: http.Request) -> http.Response:
    found = request.app[NODE].stages
    rosters = {name: [asdict(e) for e in stage.roster()] for name, stage in found.items()}
    return http.json_response({"stages": rosters})


async def stats(request: http.Request) -> http.Response:
    return http.json_response(asdict(node_stats(request.app[NODE], request.app[LOAD])))


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
    return http.json_response(
        {
            "node": node.settings.node,
            "boot": node.boot,
            "records": [asdict(record) for record in records],
            "last": node.journal.seq,
        }
    )


async def acknowledge(request: http.Request) -> http.Response:
    seq = _field(await _json(request), "seq", int)
    request.app[NODE].journal.acknowledge(seq)
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
    app.router.add_post("/control/stages/{stage}/close", close_stage)
    app.router.add_post("/control/stages/{stage}/reopen", reopen_stage)
    app.router.add_post("/control/revoke", revoke)
    app.router.add_get("/control/journal", read_journal)
    app.router.add_post("/control/journal/ack", acknowledge)
    app.router.add_post("/control/shutdown", shutdown)
