"""Keeps a log from growing with what strangers send: so many lines a minute, the rest counted.

Addresses in lines lose their last half (aiohttp names the client of a request it cannot read).
"""

import logging
from collections import Counter
from collections.abc import Callable

from aiohttp.http_exceptions import HttpProcessingError

from media.httpd.masking import mask_addresses

MINUTE = 60.0
LINES = 30
"""Lines a minute of one kind (logger and wording); what matters is not hidden by what does not."""

ALL_LINES = 300
MAX_ERROR = 4000
"""Characters of a line with its traceback."""


class Quiet(logging.Filter):
    """A filter for a handler. `clock` returns monotonic seconds; `left_out` counts for ever."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._until = 0.0
        self._said: Counter[tuple[str, str]] = Counter()
        self._unsaid = self.left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through unless its minute is full; the next minute tells how many were."""
        if self._clock() >= self._until:
            self._begin(record)
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            # Bytes that are not HTTP are no fault of ours, and may be anybody's secrets.
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        kind = (record.name, str(record.msg)[:80])
        if self._said[kind] >= LINES or self._said.total() >= ALL_LINES:
            self._unsaid += 1
            self.left_out += 1
            return False
        self._said[kind] += 1
        return True

    def _begin(self, record: logging.LogRecord) -> None:
        self._until = self._clock() + MINUTE
        self._said.clear()
        if self._unsaid:
            record.msg = f"({self._unsaid} lines were left out) {record.msg}"
            self._unsaid = 0


class Masked(logging.Formatter):
    """Level, logger and message on one line, without whole addresses; a traceback below."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return mask_addresses(text[:MAX_ERROR])


def set_up_log(clock: Callable[[], float]) -> None:
    """Send every logger to standard error, bounded and masked."""
    handler = logging.StreamHandler()
    handler.setFormatter(Masked())
    handler.addFilter(Quiet(clock))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
