"""The demo's classroom terminals: enrolled like real ones, all in one child process.

The process outlives us like a relay node does, so that even the demo shows that a killed
coordinator interrupts nothing; a coordinator that starts again finds it by its id file.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.kernel.database import Database
from scheduler.organisation.shapes import RoomView
from scheduler.terminals.enrolment import RoomOccupied, approve_pairing
from scheduler.terminals.pairing import begin_pairing, hash_token
from scheduler.terminals.tables import Terminal
from server.process.files import write_whole
from server.process.processes import end_process, runs, start_process, wait_for_end
from web.kit.services import Services

LOG = logging.getLogger(__name__)

MODULE = "media.client.terminal.demo"
USER_AGENT = "tongke demo terminal"
END_PATIENCE = 5.0
RESTART_DELAY = 2.0


class DemoFolder:
    """<data>/demo: tokens, the terminals' memories, the clip, the process id. All private."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.config, self.process_id = folder / "terminals.json", folder / "process-id"
        self.log, self.clip = folder / "terminals.log", folder / "clip"

    def prepare(self) -> None:
        for folder in (self.path, self.clip):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def memory(self, room_code: str) -> Path:
        """Where a terminal keeps its token and its day."""
        return self.path / f"{room_code}.state.json"

    def tokens(self) -> Mapping[str, str]:
        """Return the device token of each room that was enrolled before."""
        if not self.config.exists():
            return {}
        entries = json.loads(self.config.read_text("utf-8"))["terminals"]
        return {entry["name"]: entry["token"] for entry in entries}

    def write(self, coordinator: str, host: RoomView, tokens: Mapping[str, str]) -> None:
        """Write what the child process reads."""
        terminals = [
            {
                "name": room_code,
                "token": token,
                "state_file": str(self.memory(room_code)),
                "clip": "blue" if room_code == host.code else "amber",
            }
            for room_code, token in tokens.items()
        ]
        body = {
            "coordinator": coordinator,
            "clip_directory": str(self.clip),
            "terminals": terminals,
        }
        write_whole(self.config, json.dumps(body, ensure_ascii=False, indent=1))


async def enrol(
    services: Services, actor: Actor, rooms: Sequence[RoomView], folder: DemoFolder
) -> None:
    """Give every room a terminal that was approved by `actor`; known live ones stay.

    A room whose terminal is a visitor's own by now is left to it.
    """
    before = folder.tokens()
    tokens: dict[str, str] = {}
    for room in rooms:
        token = before.get(room.code)
        try:
            if token is None or not await _is_live(services.db, token):
                token = await _enrol_one(services, actor, room)
                folder.memory(room.code).unlink(missing_ok=True)  # it holds the revoked token
        except RoomOccupied:
            LOG.info("room %s has a terminal of its own", room.code)
            continue
        tokens[room.code] = token
    folder.write(services.settings.public_url, rooms[0], tokens)


async def _enrol_one(services: Services, actor: Actor, room: RoomView) -> str:
    now = services.clock()
    pairing = await begin_pairing(services.db, now, USER_AGENT, "")
    await approve_pairing(services.db, now, actor, pairing.code, room.id)
    return pairing.secret


async def _is_live(db: Database, token: str) -> bool:
    query = select(col(Terminal.id)).where(
        col(Terminal.token_hash) == hash_token(token), col(Terminal.revoked_at).is_(None)
    )
    async with db.read() as session:
        return (await session.execute(query)).scalar_one_or_none() is not None


class DemoProcess:
    """The child process of all terminals: adopted or started, and started again when it ends."""

    def __init__(self, folder: DemoFolder, root: Path) -> None:
        self._folder, self._root = folder, root
        self._pid: int | None = None
        self._ending = False

    async def run(self) -> None:
        while not self._ending:
            self._pid = self._find() or self._start()
            await wait_for_end(self._pid)
            if self._ending:
                return
            LOG.warning("the demo terminals ended and are started again")
            await asyncio.sleep(RESTART_DELAY)

    async def end(self) -> None:
        self._ending = True
        if self._pid is not None:
            await end_process(self._pid, END_PATIENCE)
        self._folder.process_id.unlink(missing_ok=True)

    def _find(self) -> int | None:
        """Return the process of an earlier coordinator, if it still runs."""
        try:
            pid = int(self._folder.process_id.read_text("ascii"))
        except (OSError, ValueError):
            return None
        return pid if runs(pid, MODULE, str(self._folder.config)) else None

    def _start(self) -> int:
        command = [sys.executable, "-m", MODULE, "--config", str(self._folder.config)]
        child = start_process(command, self._folder.log, self._root)
        write_whole(self._folder.process_id, str(child.pid))
        return child.pid
