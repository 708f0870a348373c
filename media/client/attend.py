"""Stays in a lesson until it is closed: media and stage WebSocket together, over every loss.

One visit is a media session and a WebSocket at one node; it ends when either is lost. Between two
visits lies a jittered wait; a node that fails twice makes way for the next one.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp

from media.client.backoff import LONGEST
from media.client.peer import PeerLostError
from media.client.place import Place
from media.client.resource import NodeRefusedError, NodeUnreachableError
from media.client.rota import Heard, Outcome, Rota, Watch
from media.client.stage import End, StageView, follow_stage
from media.contract.messages import Report

SECOND_THOUGHT = 0.5
"""Seconds in which the node's word about a new source follows the end of ours."""

WATCH_EVERY = 0.25


ENDS = frozenset({Outcome.CLOSED, Outcome.STOPPED})


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


OF_STAGE = {
    End.CLOSED: Outcome.CLOSED,
    End.TAKEN_OVER: Outcome.TAKEN_OVER,
    End.REFUSED: Outcome.REFUSED,
    End.LOST: Outcome.LOST,
}


@dataclass(slots=True)
class Visits:
    """What the outside may read while we attend."""

    node: str = ""
    participant: Participant | None = None
    stage: StageView = field(default_factory=StageView)
    count: int = 0
    last_outcome: str = ""
    closing: set[asyncio.Task[None]] = field(default_factory=set)

    def close_later(self, participant: Participant) -> None:
        """Close in the background: saying goodbye to a dead node must not delay the next visit."""
        task = asyncio.create_task(participant.close())
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)


async def attend(
    http: aiohttp.ClientSession,
    places: Callable[[], Sequence[Place]],
    make: Callable[[Place], Participant],
    stop: asyncio.Event,
    visits: Visits,
    ends: frozenset[Outcome] = ENDS,
) -> Outcome:
    """Visit the stage again and again until the node closes it or `stop` is set.

    `places` is asked before each visit: a newer timetable may bring a newer ticket. `ends` are
    the outcomes of a visit after which there is no other.
    """
    try:
        return await _attend(http, places, make, stop, visits, ends)
    finally:
        await asyncio.gather(*visits.closing, return_exceptions=True)


async def _attend(
    http: aiohttp.ClientSession,
    places: Callable[[], Sequence[Place]],
    make: Callable[[Place], Participant],
    stop: asyncio.Event,
    visits: Visits,
    ends: frozenset[Outcome],
) -> Outcome:
    clock = asyncio.get_running_loop().time
    rota = Rota()
    while not stop.is_set():
        options = places()
        if not options:
            await _pause(stop, LONGEST)
            continue
        place = options[rota.index % len(options)]
        began = clock()
        visits.node, visits.stage = place.node, StageView()
        visits.count += 1
        outcome, retry_after = await _visit(http, place, make, stop, visits, len(options) > 1)
        visits.participant, visits.last_outcome = None, outcome.value
        if outcome in ends:
            return outcome
        wait = rota.after(outcome, clock() - began, retry_after)
        await _pause(stop, wait)
    return Outcome.STOPPED


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _visit(
    http: aiohttp.ClientSession,
    place: Place,
    make: Callable[[Place], Participant],
    stop: asyncio.Event,
    visits: Visits,
    elsewhere: bool,
) -> tuple[Outcome, float | None]:
    """Join once and stay; return why it ended, and the node's Retry-After."""
    participant = make(place)
    socket = asyncio.create_task(follow_stage(http, place, participant.report, visits.stage))
    stopped = asyncio.create_task(stop.wait())
    media = asyncio.create_task(participant.start())
    try:
        await asyncio.wait((socket, stopped, media), return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            return Outcome.STOPPED, None
        if socket.done():
            return _without_media(socket.result(), visits.stage), None
        await media
        visits.participant = participant
        return await _stay(participant, visits.stage, socket, stopped, elsewhere), None
    except NodeUnreachableError:
        return Outcome.UNREACHABLE, None
    except (PeerLostError, OSError):
        return Outcome.LOST, None
    except NodeRefusedError as error:
        return (Outcome.CLOSED if error.status == 410 else Outcome.REFUSED), error.retry_after
    finally:
        for task in (socket, stopped, media):
            task.cancel()
        await asyncio.gather(socket, stopped, media, return_exceptions=True)
        visits.close_later(participant)


def _without_media(end: End, stage: StageView) -> Outcome:
    """A socket that was lost before its welcome says that the node does not answer."""
    if end is End.LOST and not stage.welcomed.is_set():
        return Outcome.UNREACHABLE
    return OF_STAGE[end]


async def _stay(
    participant: Participant,
    stage: StageView,
    socket: asyncio.Task[End],
    stopped: asyncio.Task[bool],
    elsewhere: bool,
) -> Outcome:
    """Watch a running visit and return why it ended."""
    clock = asyncio.get_running_loop().time
    watch = Watch(clock())
    lost = asyncio.create_task(participant.lost.wait())
    try:
        while True:
            await asyncio.wait(
                (socket, stopped, lost), timeout=WATCH_EVERY, return_when=asyncio.FIRST_COMPLETED
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
            source = stage.sources.get("main", False)
            heard = Heard(participant.last_packet, participant.last_media)
            verdict = watch.judge(clock(), heard, source, elsewhere)
            if participant.receives and verdict is not None:
                return verdict
    finally:
        lost.cancel()


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
