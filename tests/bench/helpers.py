"""Processes beside a bench that make its load: one JSON order a line in, one answer a line out.

They are processes of their own so that what they cost can be told apart from the node's, bound to
another core than the node's, and stopped.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from tests.bench.processor import cpu_seconds
from tests.support.nodes import ROOT

LINE = 1 << 28
"""Octets of an answer at most: a log of every packet of a minute."""

Handler = Callable[..., Awaitable[Any]]


class Helper:
    """A running helper, seen from the bench."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def start(cls, module: str) -> "Helper":
        """Start `python -m <module>`."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module), cwd=ROOT, stdin=pipe, stdout=pipe, limit=LINE
        )
        return cls(process)

    async def ask(self, order: str, **values: Any) -> Any:
        """Give an order and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([order, values]).encode() + b"\n")
        await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        assert line, f"a helper ended over {order!r}"
        return json.loads(line)

    @property
    def cpu(self) -> float:
        """Seconds of CPU used so far."""
        return cpu_seconds(self.pid)

    def stop(self) -> None:
        """Let it not run, until `go_on`."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    async def close(self) -> None:
        """Let it end by itself: its orders are over."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def serve(handlers: Mapping[str, Handler]) -> None:
    """Follow orders from stdin until it ends."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order, values = json.loads(line)
        print(json.dumps(await handlers[order](**values)), flush=True)


def bind_to(core: int, pid: int = 0) -> None:
    """Let a process (0: this one), with all its threads, run on one core only."""
    for task in Path(f"/proc/{pid or os.getpid()}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def give_core(core: int, pid: int) -> None:
    """Let a process have a core to itself, as far as we may: whoever else runs there gives way."""
    bind_to(core, pid)
    with contextlib.suppress(PermissionError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(1))
