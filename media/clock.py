"""The one place of the relay node where clocks are read."""

import time


def wall() -> float:
    """Return Unix seconds."""
    return time.time()  # noqa: TID251 - the one place that the rule allows


def cpu() -> float:
    """Return the seconds of CPU that this process has used, in all its threads."""
    return time.process_time()


def mono() -> float:
    """Return monotonic seconds, for intervals."""
    return time.monotonic()


NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905)."""
_BOOT = wall() - mono()


def ntp(moment: float) -> int:
    """Return the 64-bit NTP time of a monotonic moment; it never jumps, as the wall clock may."""
    return int((NTP_EPOCH + _BOOT + moment) * (1 << 32))
