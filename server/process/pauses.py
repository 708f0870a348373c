"""What a loop does after a fault: it says so, and waits longer each time until all is well."""

import logging

from scheduler.kernel.availability import DatabaseUnavailable

FIRST, LONGEST = 1.0, 30.0


class Pauses:
    """Seconds to wait; `after_success` begins anew."""

    def __init__(self, first: float = FIRST, longest: float = LONGEST) -> None:
        self._first, self._longest = first, longest
        self._next = first

    def after_fault(self) -> float:
        """Return how long to wait now."""
        pause, self._next = self._next, min(self._longest, self._next * 2)
        return pause

    def after_success(self) -> None:
        self._next = self._first


def log_fault(log: logging.Logger, sentence: str, error: Exception) -> None:
    """Log a fault that a loop outlives: in a line where the database is away, else whole."""
    if isinstance(error, DatabaseUnavailable):
        log.warning("%s: %s", sentence, error)
    else:
        log.error("%s", sentence, exc_info=error)
