"""Recording hosts (录播主机): one puller process for each running lesson whose room names a source.

The database says once a second what has to run. What does run is known from <data>/hosts, so that
a coordinator that comes back after a kill takes its pullers over instead of starting second ones.
"""

import asyncio
import json
import logging
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from media.client.lesson.backoff import delay
from media.contract.subjects import Subject
from scheduler.kernel.database import Database
from scheduler.lessons.recording import RecordedLesson, recorded_lessons
from scheduler.lessons.timing import Timing
from scheduler.lessons.windows import room_window
from scheduler.organisation.sealing import Seal, SealError
from server.process.files import write_whole
from server.process.log import bound
from server.process.pauses import Pauses, log_fault
from server.process.processes import end_process, runs, start_process
from web.kit.ports import RelayPlacement, TicketIssuer

LOG = logging.getLogger(__name__)

MODULE = "media.client.rtsp"
EVERY = 1.0
END_PATIENCE = 5.0
CERTIFICATES = "trusted.pem"
SETTLED = 30.0
"""Seconds after which the end of a puller counts as its first."""


class HostFolder:
    """<data>/hosts: for each lesson its puller's process id and purpose, a log a room. No secret
    is stored here: a puller gets the address and its ticket by stdin.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def log(self, room_id: str) -> Path:
        return self.path / f"{room_id}.log"

    def certificates(self) -> str:
        """Return the file of certificates that hosts with rtsps:// may show, "" for none."""
        file = self.path / CERTIFICATES
        return str(file) if file.is_file() else ""

    def note(self, lesson_id: str, pid: int, purpose: object) -> None:
        write_whole(self.note_of(lesson_id), json.dumps({"pid": pid, "purpose": purpose}))

    def running(self) -> dict[str, int]:
        """Return lesson -> process id of the pullers that live, whoever started them."""
        found = {lesson: self._noted(lesson).get("pid") for lesson in self.lessons()}
        return {
            lesson: pid
            for lesson, pid in found.items()
            if isinstance(pid, int) and runs(pid, MODULE, str(self.note_of(lesson)))
        }

    def lessons(self) -> set[str]:
        """Return the lessons that left anything here."""
        return {file.stem for file in self.path.glob("*.json")}

    def purpose(self, lesson_id: str) -> object:
        """Return what the puller of a lesson was started for (see `_purpose`)."""
        return self._noted(lesson_id).get("purpose")

    def forget(self, lesson_id: str) -> None:
        self.note_of(lesson_id).unlink(missing_ok=True)

    def note_of(self, lesson_id: str) -> Path:
        """Where a puller is noted. Its command line names this file, by which it is recognised."""
        return self.path / f"{lesson_id}.json"

    def _noted(self, lesson_id: str) -> dict[str, Any]:
        try:
            noted = json.loads(self.note_of(lesson_id).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return noted if isinstance(noted, dict) else {}


def _purpose(lesson: RecordedLesson) -> list[object]:
    """What a puller was started for: it is replaced when any of this changes."""
    return [lesson.room_id, lesson.sealed, lesson.starts_at.timestamp(), lesson.ends_at.timestamp()]


@dataclass(slots=True)
class _Tries:
    """When a lesson's puller was started last, how often in a row, and when the next try is due."""

    count: int = 0
    started: float = 0.0
    next_at: float = 0.0


class RecordingHosts:
    """Keeps the pullers as the database wants them. `nodes` are base URLs by node id."""

    def __init__(
        self,
        db: Database,
        tickets: TicketIssuer,
        placement: RelayPlacement,
        timing: Timing,
        nodes: Mapping[str, str],
        seal: Seal,
        folder: HostFolder,
        root: Path,
    ) -> None:
        self._db, self._tickets, self._timing = db, tickets, timing
        self._placement, self._nodes, self._seal = placement, nodes, seal
        self._folder, self._root = folder, root
        self._tries: dict[str, _Tries] = {}

    async def run(self) -> None:
        """Look once a second, for ever."""
        pauses = Pauses(EVERY)
        while True:
            try:
                await self.look()
                pauses.after_success()
            except SQLAlchemyError as error:
                log_fault(LOG, "recording hosts: the database was not read", error)
                await asyncio.sleep(pauses.after_fault())
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Start what is missing; end what is over or was started for something else."""
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
        if now < tries.next_at:
            return
        if now - tries.started > SETTLED:
            tries.count = 0
        try:
            await self._start(lesson)
        except SealError as error:
            LOG.error(
                "the recording host's address cannot be decrypted, import it again: %s", error
            )
        except OSError as error:  # no memory for a process, a full disk: other lessons go on
            LOG.error("the recording host's puller cannot be started: %s", error.strerror)
        tries.started, tries.next_at = now, now + delay(tries.count, random.random())
        tries.count += 1

    async def _start(self, lesson: RecordedLesson) -> None:
        """Raises SealError."""
        window = room_window(lesson.starts_at, lesson.ends_at, self._timing)
        subject = Subject.room(lesson.room_id)
        ticket = self._tickets.mint(
            lesson.lesson_id, subject, "HOST", "publish", window.opens, window.closes
        )
        orders = await self._placement.relays([lesson.lesson_id])
        body = {
            "source": self._seal.open(lesson.sealed, lesson.room_code),
            "stage": lesson.lesson_id,
            "ticket": ticket.token,
            "nodes": [self._nodes[relay.node] for relay in orders[lesson.lesson_id]],
            "ca_file": self._folder.certificates(),
        }
        note = str(self._folder.note_of(lesson.lesson_id))
        words = ("--name", lesson.lesson_id, "--mark", note, "--config", "-")
        log, secret = self._folder.log(lesson.room_id), json.dumps(body)
        command = [sys.executable, "-m", MODULE, *words]
        child = start_process(command, log, self._root, secret=secret)
        self._folder.note(lesson.lesson_id, child.pid, _purpose(lesson))
        LOG.info("the recording host is pulled")

    async def _end(self, lesson_id: str, running: Mapping[str, int]) -> None:
        if lesson_id in running:
            await end_process(running[lesson_id], END_PATIENCE)
        self._folder.forget(lesson_id)
        self._tries.pop(lesson_id, None)
