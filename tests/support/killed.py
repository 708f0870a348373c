"""A use case in a process of its own that dies on the line after its commit.

`python -m tests.support.killed` reads (database URL, function, arguments) as a pickle from stdin.
"""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from scheduler.kernel.database import Database
from tests.support.nodes import ROOT


async def killed_after(url: str, use_case: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
    """Run `use_case(db, *arguments)` and kill its process with -9 as soon as it has returned."""
    child = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tests.support.killed"],
        cwd=ROOT,
        input=pickle.dumps((url, use_case, arguments)),
        capture_output=True,
        timeout=60,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode("utf-8", "replace")


def main() -> None:
    url, use_case, arguments = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - our own parent's

    async def work() -> None:
        await use_case(Database(url), *arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(work())


if __name__ == "__main__":
    main()
