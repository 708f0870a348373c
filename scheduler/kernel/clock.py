"""The one place of this package where the wall clock is read."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the aware UTC time. Passed to shells; pure rules take `now` instead."""


def system_clock() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the door that the rule points to
