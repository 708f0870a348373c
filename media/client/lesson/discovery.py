"""Asks the nodes of a lesson where it is (GET /stages/{stage}/sources, media.node.http.sources)."""

import asyncio
from collections.abc import Sequence

import aiohttp
from aiohttp import hdrs
from pydantic import ValidationError

from media.client.lesson.route import NodeAnswer
from media.client.session.address import StageAddress
from media.contract.messages import Sources

ANSWER_TIMEOUT = 2.0
"""Seconds for an answer: four round trips of a village's uplink, for TCP, TLS and a question."""

GRACE = 0.3
"""Seconds for all others once a node with a source has answered."""

MAX_BODY = 4096


async def discover(
    http: aiohttp.ClientSession, addresses: Sequence[StageAddress]
) -> dict[str, NodeAnswer]:
    """Return each node's answer in the order of `addresses`, asked all at once. Never raises."""
    asked = {address.node: asyncio.create_task(_ask(http, address)) for address in addresses}
    try:
        await _answers(set(asked.values()))
        return {node: _answer_of(task) for node, task in asked.items()}
    finally:
        for task in asked.values():
            task.cancel()
        await asyncio.gather(*asked.values(), return_exceptions=True)


async def _answers(waiting: set["asyncio.Task[NodeAnswer]"]) -> None:
    """Return when all have answered, or those that are quick when one of them has a source."""
    clock = asyncio.get_running_loop().time
    latest = clock() + ANSWER_TIMEOUT
    while waiting and (left := latest - clock()) > 0:
        done, waiting = await asyncio.wait(
            waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED
        )
        if any(task.result() is NodeAnswer.SOURCE for task in done):
            latest = min(latest, clock() + GRACE)


def _answer_of(task: "asyncio.Task[NodeAnswer]") -> NodeAnswer:
    return task.result() if task.done() else NodeAnswer.SILENT


async def _ask(http: aiohttp.ClientSession, address: StageAddress) -> NodeAnswer:
    url = f"{address.node}/stages/{address.stage}/sources"
    headers = {hdrs.AUTHORIZATION: f"Bearer {address.ticket}"}
    try:
        async with http.get(url, headers=headers) as response:
            return read_answer(response.status, await response.content.read(MAX_BODY))
    except (aiohttp.ClientError, OSError):
        return NodeAnswer.SILENT


def read_answer(status: int, body: bytes) -> NodeAnswer:
    """Return what an answer says. Pure.

    A proxy answers 502 for a node that is dead; a node that refuses the ticket is there, and says
    why when it is joined.
    """
    if status == 410:
        return NodeAnswer.CLOSED
    if status >= 500:
        return NodeAnswer.SILENT
    if status >= 400:
        return NodeAnswer.EMPTY
    try:
        sources = Sources.model_validate_json(body).sources
    except ValidationError:
        return NodeAnswer.SILENT  # not a relay node
    return NodeAnswer.SOURCE if sources.get("main", False) else NodeAnswer.EMPTY
