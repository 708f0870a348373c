"""One visit: a media session and a stage WebSocket at one node, until either is lost."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from media.client.lesson.discovery import look_around
from media.client.lesson.retries import Heard, Outcome, Watch
from media.client.lesson.route import Hunger, Sight
from media.client.lesson.stage_socket import End, StageView, follow_stage
from media.client.session.address import Place
from media.client.session.peer import PeerLostError
from media.client.session.resource import NodeRefusedError, NodeUnreachableError
from media.contract.messages import Report

SECOND_THOUGHT = 0.5
"""Seconds in which the node's word about a new source follows the end of ours."""

WATCH_EVERY = 0.25

OF_STAGE = {
    End.CLOSED: Outcome.CLOSED,
    End.TAKEN_OVER: Outcome.TAKEN_OVER,
    End.REFUSED: Outcome.REFUSED,
    End.LOST: Outcome.LOST,
}

Others = Callable[[], Sequence[Place]]
"""The lesson's other nodes, asked anew each time: tickets are renewed meanwhile."""


class Participant(Protocol):
    """A media session: Viewer or Publisher."""

    receives: bool
    dismissed: bool
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
class Visited:
    """Why a visit ended, whether its media session ever came about, and the node's Retry-After."""

    outcome: Outcome
    arrived: bool = False
    retry_after: float | None = None


async def visit(
    http: aiohttp.ClientSession,
    place: Place,
    participant: Participant,
    stage: StageView,
    stop: asyncio.Event,
    others: Others,
    on_arrival: Callable[[], None],
) -> Visited:
    """Join once and stay. `participant` is left for the caller to close."""
    socket = asyncio.create_task(follow_stage(http, place, participant.report, stage))
    stopped = asyncio.create_task(stop.wait())
    media = asyncio.create_task(participant.start())
    try:
        await asyncio.wait((socket, stopped, media), return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            return Visited(Outcome.STOPPED)
        if socket.done():
            return Visited(_without_media(socket.result(), stage))
        await media
        on_arrival()
        outcome = await _stay(participant, stage, socket, stopped, _seek(http, others, participant))
        return Visited(outcome, arrived=True)
    except NodeUnreachableError:
        return Visited(Outcome.UNREACHABLE)
    except (PeerLostError, OSError):
        return Visited(Outcome.LOST)
    except NodeRefusedError as error:
        return Visited(_of_refusal(error.status), retry_after=error.retry_after)
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
    seeking: Coroutine[Any, Any, None],
) -> Outcome:
    """Watch a running visit and return why it ended."""
    clock = asyncio.get_running_loop().time
    watch = Watch(clock())
    lost = asyncio.create_task(participant.lost.wait())
    found = asyncio.create_task(seeking)
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
                if participant.dismissed:
                    await _await_vacancy(stage, socket, stopped)
                if stopped.done() or socket.done():
                    continue
                return Outcome.LOST
            if found.done():
                return Outcome.ELSEWHERE
            heard = Heard(participant.last_packet, participant.last_media)
            verdict = watch.judge(clock(), heard, stage.sources.get("main", False))
            if participant.receives and verdict is not None:
                return verdict
    finally:
        for task in (lost, found):
            task.cancel()
        await asyncio.gather(lost, found, return_exceptions=True)


async def _seek(http: aiohttp.ClientSession, others: Others, participant: Participant) -> None:
    """Return when another node has the lesson while a viewer sees nothing of it here."""
    clock = asyncio.get_running_loop().time
    hunger = Hunger(clock())
    while True:
        await asyncio.sleep(WATCH_EVERY * random.uniform(0.5, 1.5))
        hunger.fed(participant.last_media or 0.0)
        if not participant.receives or not hunger.wants_look(clock()):
            continue
        if Sight.SOURCE in (await look_around(http, others())).values():
            return


async def _await_vacancy(
    stage: StageView, socket: asyncio.Task[End], stopped: asyncio.Task[bool]
) -> None:
    """A publisher that the node dismissed was replaced by a newer one: it stands by, for two that
    fight over a slot are worse than either, and returns when the slot is free again."""
    await asyncio.wait((socket, stopped), timeout=SECOND_THOUGHT)
    while stage.sources.get("main", False) and not socket.done() and not stopped.done():
        await asyncio.wait(
            (socket, stopped), timeout=WATCH_EVERY, return_when=asyncio.FIRST_COMPLETED
        )
