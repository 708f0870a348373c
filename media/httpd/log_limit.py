"""Bounds how many lines a minute a log takes, since anybody can cause them; the rest is counted.

Addresses in lines lose their last half (aiohttp names the client of a request it cannot read).
"""

import logging
from collections import Counter
from collections.abc import Callable

from aiohttp.http_exceptions import HttpProcessingError

from media.httpd.masking import mask_addresses

MINUTE = 60.0
LINES = 30
"""Lines a minute of one kind (logger and wording); a flood of one kind hides no other."""

ALL_LINES = 300
MAX_ERROR = 4000
"""Characters of a line with its traceback."""


class LogLimit(logging.Filter):
    """A filter for a handler. `clock` returns monotonic seconds; `left_out` counts lost lines."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._until = 0.0
        self._written: Counter[tuple[str, str]] = Counter()
        self._dropped = self.left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass the record unless its minute is full; the next minute says how many were dropped."""
        if self._clock() >= self._until:
            self._begin(record)
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            # Bytes that are not HTTP are no error of this program, and may be secrets.
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        kind = (record.name, str(record.msg)[:80])
        if self._written[kind] >= LINES or self._written.total() >= ALL_LINES:
            self._dropped += 1
            self.left_out += 1
            return False
        self._written[kind] += 1
        return True

    def _begin(self, record: logging.LogRecord) -> None:
        self._until = self._clock() + MINUTE
        self._written.clear()
        if self._dropped:
            record.msg = f"({self._dropped} lines were left out) {record.msg}"
            self._dropped = 0


class MaskingFormatter(logging.Formatter):
    """Level, logger and message on one line, without whole addresses; a traceback below."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return mask_addresses(text[:MAX_ERROR])


def set_up_log(clock: Callable[[], float]) -> None:
    """Send every logger to standard error, bounded and masked."""
    handler = logging.StreamHandler()
    handler.setFormatter(MaskingFormatter())
    handler.addFilter(LogLimit(clock))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
