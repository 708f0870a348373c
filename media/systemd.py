"""Telling systemd how this process is: ready, alive, ending (sd_notify(3)). Harmless elsewhere."""

import asyncio
import os
import socket

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"


def notify(state: str) -> bool:
    """Send one datagram; return whether anybody was there to get it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        try:
            sender.sendto(state.encode(), address.replace("@", "\0", 1))
        except OSError:
            return False
    return True


def watchdog_interval() -> float | None:
    """Return how often to say ALIVE, in seconds: half of what systemd allows; None unasked."""
    allowed = os.environ.get("WATCHDOG_USEC", "")
    meant = os.environ.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
    return int(allowed) / 2e6 if allowed.isdecimal() and int(allowed) and meant else None


async def keep_telling() -> None:
    """Say ALIVE as long as this loop runs; end at once where nobody asked for it."""
    interval = watchdog_interval()
    while interval is not None:
        notify(ALIVE)
        await asyncio.sleep(interval)
