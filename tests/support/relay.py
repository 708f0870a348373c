"""Starts a real relay node (`python -m media.node`) for a test, and can kill it."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from media.client.session.address import StageAddress
from tests.support.tickets import TicketMint

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 15.0


class RelayProcess:
    """A node with its own secret and data folder, and a key that it may share with another.

    Its ports stay the same over a restart.
    """

    def __init__(
        self,
        folder: Path,
        origins: Sequence[str] = (),
        extra: Sequence[str] = (),
        mint: TicketMint | None = None,
    ) -> None:
        self.folder, self.origins, self.extra = folder, tuple(origins), tuple(extra)
        self.mint = mint or TicketMint()
        self.secret = "a-secret-of-this-test"
        self.http_port = self.udp_port = 0
        self.boot = ""
        self._process: asyncio.subprocess.Process | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "keys.json").write_text(json.dumps(self.mint.jwks()))
        (folder / "secret").write_text(self.secret)
        (folder / "secret").chmod(0o600)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def journal_folder(self) -> Path:
        return self.folder / "data"

    async def start(self) -> None:
        """Start the process and wait for its ready line."""
        log = (self.folder / "node.log").open("ab")
        arguments = [
            *("--id", "n1", "--announce", "127.0.0.1"),
            *("--http-host", "127.0.0.1", "--http-port", str(self.http_port)),
            *("--udp-host", "127.0.0.1", "--udp-port", str(self.udp_port)),
            *("--data", str(self.journal_folder), "--keys", str(self.folder / "keys.json")),
            *("--secret-file", str(self.folder / "secret")),
            *self.extra,
        ]
        for origin in self.origins:
            arguments += ["--origin", origin]
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "media.node", *arguments),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), READY_WITHIN)
        if not line:
            raise AssertionError(f"the node did not start: {self.log()[-2000:]}")
        ready = json.loads(line)
        assert ready["event"] == "ready"
        self.http_port, self.udp_port = ready["http_port"], ready["udp_port"]
        self.boot = ready["boot"]

    async def kill(self) -> None:
        """End the process at once, as a power cut would (-9)."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask the process to end (SIGTERM) and return its exit status."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)
        return await asyncio.wait_for(process.wait(), 10)

    def log(self) -> str:
        """Return what the node wrote on stderr."""
        return (self.folder / "node.log").read_text(errors="replace")

    def publish_place(self, stage: str, subject: str = "room:host", **claims: Any) -> StageAddress:
        return StageAddress(self.url, stage, self.mint.publish(stage, subject, **claims))

    def view_place(self, stage: str, subject: str = "room:leg", **claims: Any) -> StageAddress:
        return StageAddress(self.url, stage, self.mint.view(stage, subject, **claims))

    async def control(
        self, http: aiohttp.ClientSession, method: str, path: str, body: Any = None
    ) -> Any:
        """Call the control API; return the decoded body, None for an empty one."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        async with http.request(
            method, f"{self.url}/control{path}", headers=headers, json=body
        ) as response:
            content = await response.read()
            assert response.status < 300, f"{method} {path}: {response.status} {content[:300]!r}"
            return json.loads(content) if content else None

    async def records(self, http: aiohttp.ClientSession, after: int = 0) -> list[dict[str, Any]]:
        """Return the journal's records after a position."""
        answer = await self.control(http, "GET", f"/journal?after={after}&limit=10000")
        return list(answer["records"])


@asynccontextmanager
async def running_relay(
    folder: Path, origins: Sequence[str] = (), extra: Sequence[str] = ()
) -> AsyncIterator[RelayProcess]:
    """A node for the length of a test; `extra` arguments end its command line."""
    relay = RelayProcess(folder, origins, extra)
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()
