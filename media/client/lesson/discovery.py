"""Asks the nodes of a lesson where it is (GET /stages/{stage}/sources, media.node.http.sources)."""

import asyncio
import json
from collections.abc import Sequence

import aiohttp
from aiohttp import hdrs

from media.client.lesson.route import Sight
from media.client.session.address import Place

PATIENCE = 2.0
"""Seconds for an answer: four round trips of a village's uplink, for TCP, TLS and a question."""

GRACE = 0.3
"""Seconds for all others once a node with a source has answered."""

MAX_BODY = 4096


async def look_around(http: aiohttp.ClientSession, places: Sequence[Place]) -> dict[str, Sight]:
    """Return node -> sight in the order of `places`, asked all at once. Never raises."""
    asked = {place.node: asyncio.create_task(_ask(http, place)) for place in places}
    try:
        await _answers(set(asked.values()))
        return {node: _sight(task) for node, task in asked.items()}
    finally:
        for task in asked.values():
            task.cancel()
        await asyncio.gather(*asked.values(), return_exceptions=True)


async def _answers(waiting: set["asyncio.Task[Sight]"]) -> None:
    """Return when all have answered, or those that are quick when one of them has a source."""
    clock = asyncio.get_running_loop().time
    latest = clock() + PATIENCE
    while waiting and (left := latest - clock()) > 0:
        done, waiting = await asyncio.wait(
            waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED
        )
        if any(task.result() is Sight.SOURCE for task in done):
            latest = min(latest, clock() + GRACE)


def _sight(task: "asyncio.Task[Sight]") -> Sight:
    return task.result() if task.done() else Sight.SILENT


async def _ask(http: aiohttp.ClientSession, place: Place) -> Sight:
    url = f"{place.node}/stages/{place.stage}/sources"
    headers = {hdrs.AUTHORIZATION: f"Bearer {place.ticket}"}
    try:
        async with http.get(url, headers=headers) as response:
            return read_sight(response.status, await response.content.read(MAX_BODY))
    except (aiohttp.ClientError, OSError):
        return Sight.SILENT


def read_sight(status: int, body: bytes) -> Sight:
    """Return what an answer says. Pure.

    A proxy answers 502 for a node that is dead; a node that refuses the ticket is there, and says
    why when it is joined.
    """
    if status == 410:
        return Sight.CLOSED
    if status >= 500:
        return Sight.SILENT
    if status >= 400:
        return Sight.EMPTY
    try:
        return Sight.SOURCE if json.loads(body)["sources"]["main"] is True else Sight.EMPTY
    except (ValueError, KeyError, TypeError):
        return Sight.SILENT  # not a relay node
