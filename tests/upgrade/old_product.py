"""The version before, run from a checkout of its own with its own environment."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.ports import free_ports
from tests.upgrade.pages import LOGIN, PASSWORD, Pages

CONFIG = """
[server]
port = {port}
public_url = "http://127.0.0.1:{port}"

[attendance]
grace_seconds = 5.0
early_before_seconds = 5.0
minimum_share = 0.1

[[relay.nodes]]
id = "n1"
http_port = {node}
udp_port = {node}
"""
CODE = r"\b[2-9A-HJKMNP-Z]{6}\b"


class OldProduct:
    """Its commands, its processes, and its database read from outside."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        self.checkout, self.folder = checkout, folder
        port, node = free_ports(2)
        self.url = f"http://127.0.0.1:{port}"
        (folder / "config.toml").write_text(CONFIG.format(port=port, node=node))
        self.terminals: dict[str, subprocess.Popen[bytes]] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _command(self, *words: str) -> list[str]:
        python = str(self.checkout / ".venv/bin/python")
        return [python, "-m", "server", "--config", str(self.folder / "config.toml"), *words]

    def run(self, *words: str) -> None:
        """Carry a command out; it has to succeed."""
        variables = {**os.environ, "TONGKE_ADMIN_PASSWORD": PASSWORD}
        subprocess.run(self._command(*words), cwd=self.checkout, env=variables, check=True)

    def _start(self, log: str, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as output:
            return subprocess.Popen(
                self._command(*words), cwd=self.checkout, stdout=output, stderr=output
            )

    def init(self, county: Path) -> None:
        who = ("--name", "岗北管理员", "--login", LOGIN)
        self.run("init", "--county-code", "gangbei", "--county-name", "岗北县(虚构)", *who)
        self.run("import", str(county))

    async def start(self) -> None:
        """Start and wait until the pages answer."""
        self._process = self._start("coordinator.log", "run", "--no-demo")
        async with aiohttp.ClientSession() as http:
            for _ in range(400):
                with suppress(aiohttp.ClientError):
                    async with http.get(f"{self.url}/healthz"):
                        return
                await asyncio.sleep(0.1)
        raise AssertionError((self.folder / "coordinator.log").read_text()[-2000:])

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the coordinator: killed it leaves its node behind, asked it ends it."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(20)

    async def enrol(self, pages: Pages, name: str, room: str) -> str:
        """Start a headless terminal and approve it for a room; return the terminal's id."""
        state = str(self.folder / f"{name}.json")
        self.terminals[name] = self._start(f"{name}.log", "terminal", "--state", state)
        code = await self.until(f"{name} shows its code", lambda: self._code(name))
        room_id = self.one("SELECT id FROM room WHERE code = ?", room)
        await pages.form("/admin/terminals/approve", code=code, room=room_id)
        asked = "SELECT id FROM terminal WHERE room_id = ? AND revoked_at IS NULL"
        return str(self.one(asked, room_id))

    def _code(self, name: str) -> str:
        found = re.search(CODE, (self.folder / f"{name}.log").read_text())
        return found[0] if found else ""

    def switch_off(self, name: str) -> None:
        self.terminals[name].terminate()
        self.terminals.pop(name).wait(20)

    def all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / "tongke.db", timeout=20)) as db:
            return db.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> Any:
        """Return the first value of the first row, None without one."""
        rows = self.all(query, *values)
        return rows[0][0] if rows else None

    async def until(self, what: str, look: Callable[[], Any], seconds: float = 90) -> Any:
        """Wait until `look` gives something true, and return it."""
        for _ in range(int(seconds * 5)):
            if found := look():
                return found
            await asyncio.sleep(0.2)
        raise AssertionError(f"not within {seconds:g} s: {what}")

    def end_all(self) -> None:
        """End what still carries this folder in its command line: node, terminals."""
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if str(self.folder).encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGTERM)
