"""The whole product in processes of its own, for tests that kill parts of it."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import aiohttp

from tests.support.nodes import ROOT
from tests.support.ports import free_ports

CONFIG = """
[server]
port = {port}
public_url = "http://127.0.0.1:{port}"

[relay]
spawn = {spawn}

{nodes}
[demo]
enabled = {demo}
county_file = "{root}/examples/leizhou.toml"
lesson_minutes = {lesson_minutes}
classrooms = 2
"""


NODE = """
[[relay.nodes]]
id = "n{number}"
http_port = {port}
udp_port = {port}
"""


class CoordinatorProcess:
    """`python -m server run` in a folder. Relay nodes are its children, but not ours.

    With `spawn=False` nobody starts them, or starts them again when they die.
    """

    def __init__(
        self,
        folder: Path,
        *,
        demo: bool = False,
        lesson_minutes: float = 1.0,
        nodes: int = 1,
        spawn: bool = True,
        database_url: str = "",
    ) -> None:
        self.folder, self.spawn, self._database_url = folder, spawn, database_url
        self.port, *self.node_ports = free_ports(1 + nodes)
        self.url = f"http://127.0.0.1:{self.port}"
        self.node_urls = [f"http://127.0.0.1:{port}" for port in self.node_ports]
        self.node_port, self.node_url = self.node_ports[0], self.node_urls[0]
        self.config = folder / "config.toml"
        self.config.write_text(
            CONFIG.format(
                port=self.port,
                nodes=self.node_blocks(),
                spawn=str(spawn).lower(),
                demo=str(demo).lower(),
                root=ROOT,
                lesson_minutes=lesson_minutes,
            )
        )
        self._process: subprocess.Popen[bytes] | None = None

    def node_blocks(self) -> str:
        """Return the nodes n1, n2, ... as config.toml has them."""
        numbered = enumerate(self.node_ports, 1)
        return "".join(NODE.format(number=number, port=port) for number, port in numbered)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "server", "--config", str(self.config), *words]

    async def start(self, seconds: float = 40.0) -> None:
        """Start and wait until the pages answer."""
        self.launch()
        async with asyncio.timeout(seconds), aiohttp.ClientSession() as http:
            while not await _answers(http, f"{self.url}/healthz"):
                assert self.process.poll() is None, f"it ended: {self.log()[-2000:]}"
                await asyncio.sleep(0.1)

    def launch(self) -> None:
        """Start, and wait for nothing."""
        with (self.folder / "coordinator.log").open("ab") as log:
            self._process = self._open(log)

    def _open(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        other = {"TONGKE_DATABASE_URL": self._database_url} if self._database_url else {}
        return subprocess.Popen(
            self.command("run"),
            cwd=ROOT,
            env={**os.environ, **other},
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    async def ask(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run another command with the same configuration."""
        command = self.command(*words)
        return await asyncio.to_thread(
            subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=60
        )

    async def end(self, number: signal.Signals, seconds: float = 20.0) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, seconds)

    async def clean_up(self) -> None:
        """End whatever of this folder still runs."""
        if self._process is not None and self._process.poll() is None:
            await self.end(signal.SIGTERM)
        for pid in self.left_overs():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def left_overs(self) -> list[int]:
        """Return the processes that carry this folder's name in their command line."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    words = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if str(self.folder).encode() in words:
                    found.append(int(entry.name))
        return found

    async def hello(self, number: int = 1) -> dict[str, Any] | None:
        """Return who answers at a node's control address, None for nobody."""
        return await self._control("hello", number)

    async def stages(self, number: int) -> dict[str, int]:
        """Return what a node carries: stage -> how many peers. Nothing where nobody answers."""
        figures = await self._control("stats", number) or {"stages": {}}
        return {
            name: len(stage["publishers"]) + len(stage["viewers"])
            for name, stage in figures["stages"].items()
        }

    async def _control(self, path: str, number: int) -> dict[str, Any] | None:
        secret = (self.folder / "data/keys/node-secret").read_text().strip()
        headers = {"Authorization": f"Bearer {secret}"}
        try:
            async with (
                aiohttp.ClientSession(headers=headers) as http,
                http.get(f"{self.node_urls[number - 1]}/control/{path}") as response,
            ):
                body: dict[str, Any] = json.loads(await response.text())
                return body
        except aiohttp.ClientError:
            return None

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the database from outside."""
        file = self.folder / "data/tongke.db"
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10) as db:
            return db.execute(query, values).fetchall()

    def log(self) -> str:
        return (self.folder / "coordinator.log").read_text("utf-8", "replace")


async def _answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
