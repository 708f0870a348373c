"""Stays in a lesson until it is closed: visit after visit, over every loss, where the lesson is.

Between two visits lies a jittered wait. Where there are several nodes, each visit begins with a
look around (media.client.lesson.route has the rule); a node that is alone is simply tried again.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import aiohttp

from media.client.lesson.attendance import Participant, Visited, visit
from media.client.lesson.backoff import LONGEST
from media.client.lesson.discovery import look_around
from media.client.lesson.retries import Outcome, Rota
from media.client.lesson.route import Route, Sight
from media.client.lesson.stage_socket import StageView
from media.client.session.address import Place

ENDS = frozenset({Outcome.CLOSED, Outcome.STOPPED})
LOSSES = frozenset({Outcome.LOST, Outcome.UNREACHABLE, Outcome.SILENT})


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
    """Visit the stage again and again until a node closes it or `stop` is set.

    `places` is asked before each visit: a newer timetable may bring a newer ticket. `ends` are
    the outcomes of a visit after which there is no other.
    """
    try:
        return await _Attendance(http, places, make, stop, visits).run(ends)
    finally:
        await asyncio.gather(*visits.closing, return_exceptions=True)


class _Attendance:
    """One member's way through a lesson."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        places: Callable[[], Sequence[Place]],
        make: Callable[[Place], Participant],
        stop: asyncio.Event,
        visits: Visits,
    ) -> None:
        self._http, self._places, self._make = http, places, make
        self._stop, self._visits = stop, visits
        self._route, self._rota = Route(), Rota()
        self._now = asyncio.get_running_loop().time

    async def run(self, ends: frozenset[Outcome]) -> Outcome:
        while not self._stop.is_set():
            options = self._places()
            seen = await self._look_around(options)
            if Sight.CLOSED in seen.values():
                return Outcome.CLOSED
            place = self._choose(options, seen)
            if place is None:
                await self._pause(self._wait_for_a_node(options))
                continue
            began = self._now()
            visited = await self._visit(place)
            if visited.outcome in ends:
                return visited.outcome
            retry_after = visited.retry_after if len(options) == 1 else None
            lasted = self._now() - began
            await self._pause(self._rota.after(visited.outcome, lasted, retry_after))
        return Outcome.STOPPED

    async def _look_around(self, options: Sequence[Place]) -> dict[str, Sight]:
        """Ask where the lesson is; nobody, where there is but one node or we are to stop."""
        if len(options) < 2:
            return {}
        looking = asyncio.create_task(look_around(self._http, options))
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((looking, stopped), return_when=asyncio.FIRST_COMPLETED)
            return looking.result() if looking.done() else {}
        finally:
            looking.cancel()
            stopped.cancel()
            await asyncio.gather(looking, stopped, return_exceptions=True)

    def _choose(self, options: Sequence[Place], seen: dict[str, Sight]) -> Place | None:
        if len(options) == 1:
            return options[0]
        node = self._route.choose(seen, self._now())
        return next((place for place in options if place.node == node), None)

    def _wait_for_a_node(self, options: Sequence[Place]) -> float:
        if not options:
            return LONGEST
        if self._route.holds(self._now()):
            return self._rota.held()
        return self._rota.after(Outcome.UNREACHABLE, 0.0, None)

    async def _visit(self, place: Place) -> Visited:
        visits, participant = self._visits, self._make(place)
        visits.node, visits.stage = place.node, StageView()
        visits.count += 1

        def arrived() -> None:
            visits.participant = participant
            self._route.arrived(place.node)

        try:
            visited = await visit(
                self._http,
                place,
                participant,
                visits.stage,
                self._stop,
                lambda: self._others(place),
                arrived,
            )
        finally:
            visits.close_later(participant)
        visits.participant, visits.last_outcome = None, visited.outcome.value
        if visited.outcome in LOSSES:
            self._note_loss(place, visited.arrived)
        return visited

    def _note_loss(self, place: Place, arrived: bool) -> None:
        if arrived:
            self._route.lost(self._now())
        else:
            self._route.failed(place.node, self._now())

    def _others(self, place: Place) -> list[Place]:
        now = self._now()
        options = self._places()
        return [p for p in options if p.node != place.node and self._route.is_fit(p.node, now)]

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
