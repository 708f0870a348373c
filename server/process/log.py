"""The log: one line an event, as JSON or as text, with the ids of what is being worked on.

Names of people never come here, and addresses lose their last half. `bound(lesson="...")` adds
ids to every line that is logged inside it, across awaits.
"""

import contextvars
import json
import logging
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType

from media.httpd.log_limit import LogLimit
from media.httpd.masking import mask_addresses

_CONTEXT: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar(
    "log",
    default=MappingProxyType({}),
)


@contextmanager
def bound(**ids: str) -> Iterator[None]:
    """Add these ids to every line logged inside."""
    token = _CONTEXT.set({**_CONTEXT.get(), **ids})
    try:
        yield
    finally:
        _CONTEXT.reset(token)


class JsonFormatter(logging.Formatter):
    """{"at", "level", "logger", "message", ids..., "error"?}"""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": mask_addresses(record.getMessage()),
            **_CONTEXT.get(),
        }
        if record.exc_info:
            entry["error"] = _error(record)
        return json.dumps(entry, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """The same for people: 09:50:00 INFO server.relays.supervision: n1 is ready (node=n1)"""

    def format(self, record: logging.LogRecord) -> str:
        ids = " ".join(f"{name}={value}" for name, value in _CONTEXT.get().items())
        line = f"{_moment(record)[11:19]} {record.levelname} {record.name}: {record.getMessage()}"
        line = mask_addresses(f"{line} ({ids})" if ids else line)
        return f"{line}\n{_error(record)}" if record.exc_info else line


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _error(record: logging.LogRecord) -> str:
    kind, error, trace = record.exc_info or (None, None, None)
    return mask_addresses("".join(traceback.format_exception(kind, error, trace)).rstrip())


def set_up_log(level: str, form: str) -> None:
    """Send every logger to standard error in this form, once."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    handler.addFilter(LogLimit(time.monotonic))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("apscheduler", "aiohttp.access", "aiosqlite", "alembic", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
