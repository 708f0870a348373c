"""Tasks that live as long as the process. One that fails ends the process: half a coordinator
would look alive, while a supervisor (systemd, `make run`'s user) can start a whole one again and
the lessons go on meanwhile.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

LOG = logging.getLogger(__name__)


class Background:
    """Starts tasks and stops them in the opposite order."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._tasks: list[asyncio.Task[None]] = []
        self.failed = False

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    async def end(self) -> None:
        """Cancel everything and wait for it."""
        while self._tasks:
            task = self._tasks.pop()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            return
        LOG.critical("%s failed", task.get_name(), exc_info=task.exception())
        self.failed = True
        self._stop.set()
