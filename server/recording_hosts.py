"""Recording hosts (录播主机): one puller process for each running lesson whose room names a source.

The database says once a second what has to run. What does run is known from <data>/hosts, so that
a coordinator that comes back after a kill takes its pullers over instead of doubling them.
"""

import asyncio
import json
import logging
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from media.client.backoff import delay
from scheduler.booking.recording import RecordedLesson, recorded_lessons
from scheduler.clock import Clock
from scheduler.database import Database
from scheduler.lifecycle.timing import Timing
from server.files import write_whole
from server.log import bound
from server.processes import end_process, runs, start_process
from web.ports import TicketOffice
from web.terminal.day import EARLY, OVERTIME

LOG = logging.getLogger(__name__)

MODULE = "media.client.rtsp"
EVERY = 1.0
END_PATIENCE = 5.0
SETTLED = 30.0
"""Seconds after which the end of a puller counts as its first."""


class HostFolder:
    """<data>/hosts: a private configuration and a process id for each lesson, a log a room."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def config(self, lesson_id: str) -> Path:
        return self.path / f"{lesson_id}.json"

    def process_id(self, lesson_id: str) -> Path:
        return self.path / f"{lesson_id}.pid"

    def log(self, room_id: str) -> Path:
        return self.path / f"{room_id}.log"

    def running(self) -> dict[str, int]:
        """Return lesson -> process id of the pullers that live, whoever started them."""
        found = {file.stem: _number(file) for file in self.path.glob("*.pid")}
        return {
            lesson: pid
            for lesson, pid in found.items()
            if pid is not None and runs(pid, MODULE, str(self.config(lesson)))
        }

    def lessons(self) -> set[str]:
        """Return the lessons that left anything here."""
        return {file.stem for file in self.path.iterdir() if file.suffix in (".json", ".pid")}

    def purpose(self, lesson_id: str) -> object:
        """Return what the puller of a lesson was started for (see `_purpose`)."""
        try:
            return json.loads(self.config(lesson_id).read_text("utf-8"))["purpose"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def forget(self, lesson_id: str) -> None:
        self.config(lesson_id).unlink(missing_ok=True)
        self.process_id(lesson_id).unlink(missing_ok=True)


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return None


def _purpose(lesson: RecordedLesson) -> list[object]:
    """What a puller was started for: it makes way for a new one when any of this changes."""
    return [lesson.room_id, lesson.source, lesson.starts_at.timestamp(), lesson.ends_at.timestamp()]


@dataclass(slots=True)
class _Tries:
    """When a lesson's puller was started last, how often in a row, and when it may be again."""

    count: int = 0
    started: float = 0.0
    again: float = 0.0


class RecordingHosts:
    """Keeps the pullers as the database wants them. `nodes` are base URLs in order of use."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        tickets: TicketOffice,
        timing: Timing,
        nodes: Sequence[str],
        folder: Path,
        root: Path,
    ) -> None:
        self._db, self._clock, self._tickets, self._timing = db, clock, tickets, timing
        self._nodes, self._root = list(nodes), root
        self._folder = HostFolder(folder)
        self._tries: dict[str, _Tries] = {}

    async def run(self) -> None:
        """Look once a second, for ever."""
        while True:
            try:
                await self.look()
            except SQLAlchemyError:
                LOG.exception("which recording hosts are wanted could not be read")
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Start what lacks and end what is over or was started for something else."""
        async with self._db.read() as session:
            wanted = {lesson.lesson_id: lesson for lesson in await recorded_lessons(session)}
        running = self._folder.running()
        for lesson_id in sorted(self._folder.lessons() - wanted.keys()):
            await self._end(lesson_id, running)
        for lesson_id, lesson in wanted.items():
            with bound(lesson=lesson_id):
                await self._keep(lesson, running)

    async def end(self) -> None:
        """End every puller: the nodes end as well."""
        running = self._folder.running()
        await asyncio.gather(*(self._end(lesson, running) for lesson in self._folder.lessons()))

    async def _keep(self, lesson: RecordedLesson, running: Mapping[str, int]) -> None:
        if lesson.lesson_id in running:
            if self._folder.purpose(lesson.lesson_id) == _purpose(lesson):
                return
            await self._end(lesson.lesson_id, running)
        now = asyncio.get_running_loop().time()
        tries = self._tries.setdefault(lesson.lesson_id, _Tries())
        if now < tries.again:
            return
        if now - tries.started > SETTLED:
            tries.count = 0
        self._start(lesson)
        tries.started, tries.again = now, now + delay(tries.count, random.random())
        tries.count += 1

    def _start(self, lesson: RecordedLesson) -> None:
        config = self._folder.config(lesson.lesson_id)
        opens = lesson.starts_at - self._timing.lobby_before - EARLY
        closes = lesson.ends_at + OVERTIME
        subject = f"room:{lesson.room_id}"
        ticket = self._tickets.mint(lesson.lesson_id, subject, "HOST", "publish", opens, closes)
        body = {
            "source": lesson.source,
            "name": lesson.lesson_id,
            "stage": lesson.lesson_id,
            "ticket": ticket.token,
            "nodes": self._nodes,
            "purpose": _purpose(lesson),
        }
        write_whole(config, json.dumps(body))
        command = [sys.executable, "-m", MODULE, "--config", str(config)]
        child = start_process(command, self._folder.log(lesson.room_id), self._root)
        write_whole(self._folder.process_id(lesson.lesson_id), str(child.pid))
        LOG.info("the recording host is pulled")

    async def _end(self, lesson_id: str, running: Mapping[str, int]) -> None:
        if lesson_id in running:
            await end_process(running[lesson_id], END_PATIENCE)
        self._folder.forget(lesson_id)
        self._tries.pop(lesson_id, None)
