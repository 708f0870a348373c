"""The one place of the relay node where clocks are read."""

import time


def wall() -> float:
    """Return Unix seconds."""
    return time.time()  # noqa: TID251 - this is the door that the rule points to


def cpu() -> float:
    """Return the seconds of CPU that this process has used, in all its threads."""
    return time.process_time()


def mono() -> float:
    """Return monotonic seconds, for intervals."""
    return time.monotonic()
