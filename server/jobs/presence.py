"""Which classes are in right now: the legs of running lessons JOIN or are LOST by evidence.

The ledger lags a few seconds behind, so the nodes are asked as well. It decides nothing about
attendance; that is computed from the ledger.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from media.contract.messages import RosterEntry
from scheduler.kernel.clock import Clock
from scheduler.kernel.database import Database
from scheduler.lessons.timing import Timing
from scheduler.lifecycle.legs import LegChange, presence, update_legs
from server.process.pauses import Pauses, log_fault
from server.relays.control import ControlClient, NodeRefused, NodeUnreachable

LOG = logging.getLogger(__name__)

EVERY = 1.0
KEEP = 60.0
"""Seconds after its last packet after which a subject is forgotten."""


class LastHeard:
    """When each room of a stage was last heard, by the rosters of every node. Pure."""

    def __init__(self) -> None:
        self._heard: dict[tuple[str, str], float] = {}

    def note(self, rosters: Mapping[str, Sequence[RosterEntry]]) -> None:
        """Take what a node answers to GET /control/stages."""
        for stage, entries in rosters.items():
            for entry in entries:
                if entry.subject.is_room:
                    key = stage, entry.subject.id
                    self._heard[key] = max(entry.last_heard, self._heard.get(key, 0.0))

    def within(self, stage: str, room: str, now: float, seconds: float) -> bool:
        """Whether the room was heard on the stage within the last `seconds`."""
        return now - self._heard.get((stage, room), 0.0) <= seconds

    def forget(self, now: float) -> None:
        """Drop what is long past."""
        old = [key for key, heard in self._heard.items() if now - heard > KEEP]
        for key in old:
            del self._heard[key]


class PresenceWatch:
    """Once a second: evidence to leg states."""

    def __init__(
        self,
        clients: Collection[ControlClient],
        db: Database,
        clock: Clock,
        timing: Timing,
    ) -> None:
        self._clients = clients
        self._db, self._clock, self._timing = db, clock, timing
        self._last_heard = LastHeard()

    async def run(self) -> None:
        pauses = Pauses()
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self._look()
                pauses.after_success()
            except SQLAlchemyError as error:
                log_fault(LOG, "who is present could not be written", error)
                await asyncio.sleep(pauses.after_fault())

    async def _look(self) -> None:
        known = await presence(self._db, self._clock(), self._timing)
        if not known:
            return
        await asyncio.gather(*(self._ask(client) for client in self._clients))
        now = self._clock()
        changes = await update_legs(self._db, now, self._with_rosters(known, now))
        self._last_heard.forget(now.timestamp())
        _log(changes)

    async def _ask(self, client: ControlClient) -> None:
        try:
            self._last_heard.note(await client.stages())
        except (NodeUnreachable, NodeRefused) as error:
            LOG.debug("no roster: %s", error)  # its supervisor logs that the node is gone

    def _with_rosters(
        self, known: Mapping[str, Mapping[str, bool]], now: datetime
    ) -> dict[str, dict[str, bool]]:
        silent = self._timing.leg_silent_after.total_seconds()
        moment = now.timestamp()
        return {
            lesson: {
                room: here or self._last_heard.within(lesson, room, moment, silent)
                for room, here in rooms.items()
            }
            for lesson, rooms in known.items()
        }


def _log(changes: Iterable[LegChange]) -> None:
    for change in changes:
        LOG.info("leg %s of lesson %s is %s", change.leg_id, change.lesson_id, change.after)
