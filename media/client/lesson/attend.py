"""Attends a lesson until it is closed: connects again after every loss, to the node that has it.

Between two connections lies a jittered wait. Where there are several nodes, all are asked for the
lesson before each connection (media.client.lesson.route has the rule); a node that is alone is
simply tried again.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import aiohttp

from media.client.lesson.backoff import LONGEST
from media.client.lesson.connection import ConnectionEnd, Participant, hold_connection
from media.client.lesson.discovery import discover
from media.client.lesson.retries import Outcome, RetryPolicy
from media.client.lesson.route import NodeAnswer, Route
from media.client.lesson.stage_socket import StageView
from media.client.session.address import StageAddress

ENDS = frozenset({Outcome.CLOSED, Outcome.STOPPED})
LOSSES = frozenset({Outcome.LOST, Outcome.UNREACHABLE, Outcome.SILENT})


@dataclass(slots=True)
class Attendance:
    """One lesson as it goes, for others to read: the node, our session, how often we joined."""

    node: str = ""
    participant: Participant | None = None
    stage: StageView = field(default_factory=StageView)
    joins: int = 0
    last_outcome: str = ""
    closing: set[asyncio.Task[None]] = field(default_factory=set)

    def close_later(self, participant: Participant) -> None:
        """Close in the background: ending the session on a dead node takes until a timeout."""
        task = asyncio.create_task(participant.close())
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)


async def attend(
    http: aiohttp.ClientSession,
    addresses: Callable[[], Sequence[StageAddress]],
    make: Callable[[StageAddress], Participant],
    stop: asyncio.Event,
    attendance: Attendance,
    ends: frozenset[Outcome] = ENDS,
) -> Outcome:
    """Connect again and again until a node closes the stage or `stop` is set.

    `addresses` is asked before each connection: a newer timetable may bring a newer ticket. `ends`
    are the outcomes of a connection after which there is no other.
    """
    try:
        return await _Attending(http, addresses, make, stop, attendance).run(ends)
    finally:
        await asyncio.gather(*attendance.closing, return_exceptions=True)


class _Attending:
    """One member's way through a lesson."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        addresses: Callable[[], Sequence[StageAddress]],
        make: Callable[[StageAddress], Participant],
        stop: asyncio.Event,
        attendance: Attendance,
    ) -> None:
        self._http, self._addresses, self._make = http, addresses, make
        self._stop, self._attendance = stop, attendance
        self._route, self._retry_policy = Route(), RetryPolicy()
        self._now = asyncio.get_running_loop().time

    async def run(self, ends: frozenset[Outcome]) -> Outcome:
        while not self._stop.is_set():
            options = self._addresses()
            answers = await self._discover(options)
            if NodeAnswer.CLOSED in answers.values():
                return Outcome.CLOSED
            address = self._choose(options, answers)
            if address is None:
                await self._pause(self._wait_for_a_node(options))
                continue
            began = self._now()
            ended = await self._connect(address)
            if ended.outcome in ends:
                return ended.outcome
            retry_after = ended.retry_after if len(options) == 1 else None
            lasted = self._now() - began
            await self._pause(self._retry_policy.after(ended.outcome, lasted, retry_after))
        return Outcome.STOPPED

    async def _discover(self, options: Sequence[StageAddress]) -> dict[str, NodeAnswer]:
        """Ask where the lesson is; nobody, where there is but one node or we are to stop."""
        if len(options) < 2:
            return {}
        asking = asyncio.create_task(discover(self._http, options))
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((asking, stopped), return_when=asyncio.FIRST_COMPLETED)
            return asking.result() if asking.done() else {}
        finally:
            asking.cancel()
            stopped.cancel()
            await asyncio.gather(asking, stopped, return_exceptions=True)

    def _choose(
        self, options: Sequence[StageAddress], answers: dict[str, NodeAnswer]
    ) -> StageAddress | None:
        if len(options) == 1:
            return options[0]
        node = self._route.choose(answers, self._now())
        return next((address for address in options if address.node == node), None)

    def _wait_for_a_node(self, options: Sequence[StageAddress]) -> float:
        if not options:
            return LONGEST
        if self._route.holds(self._now()):
            return self._retry_policy.while_node_may_return()
        return self._retry_policy.after(Outcome.UNREACHABLE, 0.0, None)

    async def _connect(self, address: StageAddress) -> ConnectionEnd:
        attendance, participant = self._attendance, self._make(address)
        attendance.node, attendance.stage = address.node, StageView()
        attendance.joins += 1

        def connected() -> None:
            attendance.participant = participant
            self._route.connected(address.node)

        try:
            ended = await hold_connection(
                self._http,
                address,
                participant,
                attendance.stage,
                self._stop,
                lambda: self._others(address),
                connected,
            )
        finally:
            attendance.close_later(participant)
        attendance.participant, attendance.last_outcome = None, ended.outcome.value
        if ended.outcome in LOSSES:
            self._note_loss(address, ended.connected)
        return ended

    def _note_loss(self, address: StageAddress, was_connected: bool) -> None:
        if was_connected:
            self._route.lost(self._now())
        else:
            self._route.failed(address.node, self._now())

    def _others(self, address: StageAddress) -> list[StageAddress]:
        now = self._now()
        options = self._addresses()
        return [p for p in options if p.node != address.node and self._route.is_fit(p.node, now)]

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
