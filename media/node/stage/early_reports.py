"""Sender reports at once for who has joined, and for everybody when a source begins.

Until a browser has two of them for each stream it plays sound and picture as they come; the next
round of reports may be a second away (RFC 4585 section 3.4 allows early ones).
"""

import asyncio
from collections.abc import Callable, Iterable

from media.node.session.viewer import Viewer

EVERY = 0.1
"""Seconds between two looks for streams that have begun and are not reported yet."""
ROUNDS = 10


class EarlyReports:
    """`viewers` returns who is on the stage."""

    def __init__(self, viewers: Callable[[], Iterable[Viewer]]) -> None:
        self._viewers = viewers
        self._sending: asyncio.Task[None] | None = None
        self._left = 0

    def start(self) -> None:
        """A viewer has joined, or a source has begun: send early reports for a second."""
        self._left = ROUNDS
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._left > 0:
            self._left -= 1
            await asyncio.sleep(EVERY)
            for viewer in tuple(self._viewers()):
                viewer.report_early()
