"""One connection: a media session and a stage WebSocket at one node, until either is lost."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp

from media.client.lesson.discovery import discover
from media.client.lesson.retries import Outcome, Received, ReceptionWatch
from media.client.lesson.route import MissingMediaWatch, NodeAnswer
from media.client.lesson.stage_socket import End, StageView, follow_stage
from media.client.session.address import StageAddress
from media.client.session.peer import PeerLostError
from media.client.session.resource import NodeRefusedError, NodeUnreachableError
from media.contract.messages import Report

NEW_SOURCE_WITHIN = 0.5
"""Seconds in which the node's message about a new source follows the end of ours."""

WATCH_EVERY = 0.25

OF_STAGE = {
    End.CLOSED: Outcome.CLOSED,
    End.TAKEN_OVER: Outcome.TAKEN_OVER,
    End.REFUSED: Outcome.REFUSED,
    End.LOST: Outcome.LOST,
}

Others = Callable[[], Sequence[StageAddress]]
"""The lesson's other nodes, asked anew each time: tickets are renewed meanwhile."""


class Participant(Protocol):
    """A media session: Viewer or Publisher."""

    receives: bool
    ended_by_node: bool
    lost: asyncio.Event

    @property
    def last_packet(self) -> float | None: ...
    @property
    def last_media(self) -> float | None: ...
    @property
    def frames(self) -> int: ...
    async def start(self) -> None: ...
    def report(self) -> Report: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ConnectionEnd:
    """Why it ended, whether its media session ever came about, and the node's Retry-After."""

    outcome: Outcome
    connected: bool = False
    retry_after: float | None = None


async def hold_connection(
    http: aiohttp.ClientSession,
    address: StageAddress,
    participant: Participant,
    stage: StageView,
    stop: asyncio.Event,
    others: Others,
    on_connected: Callable[[], None],
) -> ConnectionEnd:
    """Join once and stay. `participant` is left for the caller to close."""
    socket = asyncio.create_task(follow_stage(http, address, participant.report, stage))
    stopped = asyncio.create_task(stop.wait())
    media = asyncio.create_task(participant.start())
    try:
        await asyncio.wait((socket, stopped, media), return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            return ConnectionEnd(Outcome.STOPPED)
        if socket.done():
            return ConnectionEnd(_without_media(socket.result(), stage))
        await media
        on_connected()
        outcome = await _stay(
            participant, stage, socket, stopped, _watch_other_nodes(http, others, participant)
        )
        return ConnectionEnd(outcome, connected=True)
    except NodeUnreachableError:
        return ConnectionEnd(Outcome.UNREACHABLE)
    except (PeerLostError, OSError):
        return ConnectionEnd(Outcome.LOST)
    except NodeRefusedError as error:
        return ConnectionEnd(_of_refusal(error.status), retry_after=error.retry_after)
    finally:
        for task in (socket, stopped, media):
            task.cancel()
        await asyncio.gather(socket, stopped, media, return_exceptions=True)


def _without_media(end: End, stage: StageView) -> Outcome:
    """A socket that was lost before its welcome says that the node does not answer."""
    if end is End.LOST and not stage.welcomed.is_set():
        return Outcome.UNREACHABLE
    return OF_STAGE[end]


def _of_refusal(status: int) -> Outcome:
    """A node that is full (503) is as good as none; another may have room."""
    if status == 410:
        return Outcome.CLOSED
    return Outcome.UNREACHABLE if status >= 500 else Outcome.REFUSED


async def _stay(
    participant: Participant,
    stage: StageView,
    socket: asyncio.Task[End],
    stopped: asyncio.Task[bool],
    watching: Coroutine[None, None, None],
) -> Outcome:
    """Watch a running connection and return why it ended."""
    clock = asyncio.get_running_loop().time
    watch = ReceptionWatch(clock())
    lost = asyncio.create_task(participant.lost.wait())
    found = asyncio.create_task(watching)
    try:
        while True:
            await asyncio.wait(
                (socket, stopped, lost, found),
                timeout=WATCH_EVERY,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if stopped.done():
                return Outcome.STOPPED
            if socket.done():
                return OF_STAGE[socket.result()]
            if lost.done():
                if participant.ended_by_node:
                    await _wait_for_free_slot(stage, socket, stopped)
                if stopped.done() or socket.done():
                    continue
                return Outcome.LOST
            if found.done():
                return Outcome.ELSEWHERE
            received = Received(participant.last_packet, participant.last_media)
            verdict = watch.judge(clock(), received, stage.sources.get("main", False))
            if participant.receives and verdict is not None:
                return verdict
    finally:
        for task in (lost, found):
            task.cancel()
        await asyncio.gather(lost, found, return_exceptions=True)


async def _watch_other_nodes(
    http: aiohttp.ClientSession, others: Others, participant: Participant
) -> None:
    """Return when another node has the lesson while a viewer gets no media here."""
    clock = asyncio.get_running_loop().time
    missing = MissingMediaWatch(clock())
    while True:
        await asyncio.sleep(WATCH_EVERY * random.uniform(0.5, 1.5))
        missing.media_came(participant.last_media or 0.0)
        if not participant.receives or not missing.discovery_is_due(clock()):
            continue
        if NodeAnswer.SOURCE in (await discover(http, others())).values():
            return


async def _wait_for_free_slot(
    stage: StageView, socket: asyncio.Task[End], stopped: asyncio.Task[bool]
) -> None:
    """Return when the slot is free again: the node ended this publisher for a newer one, and two
    that took the slot from each other would be worse than either."""
    await asyncio.wait((socket, stopped), timeout=NEW_SOURCE_WITHIN)
    while stage.sources.get("main", False) and not socket.done() and not stopped.done():
        await asyncio.wait(
            (socket, stopped), timeout=WATCH_EVERY, return_when=asyncio.FIRST_COMPLETED
        )
