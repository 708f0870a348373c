"""Processes that outlive us: started in a session of their own, watched and ended by their id."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

LOG_LIMIT = 8 << 20
"""Bytes of a child's log after which the next start begins a new file and keeps one old one."""

PRIVATE_VARIABLES = ("TONGKE_DATABASE_URL", "TONGKE_ADMIN_PASSWORD")
"""What a child must not see."""

POLL = 0.25


STDIN_LIMIT = 32 << 10
"""Most bytes for a child's stdin: a pipe holds so many, so that writing them never blocks."""


def start_process(
    command: Sequence[str],
    log_file: Path,
    root: Path,
    extra: Mapping[str, str] | None = None,
    *,
    secret: str = "",
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that neither Ctrl-C nor our end reaches it.

    Its output goes to a file: a pipe would break when we are killed. `root` is the folder that
    our packages are imported from. `secret` goes to its stdin: arguments and variables of a
    process can be read by others, and a file stays behind.
    """
    payload = secret.encode()
    if len(payload) > STDIN_LIMIT:
        raise ValueError(f"a child's stdin takes {STDIN_LIMIT} bytes, not {len(payload)}")
    log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log_file.exists() and log_file.stat().st_size > LOG_LIMIT:
        log_file.replace(log_file.with_name(log_file.name + ".1"))
    environment = {k: v for k, v in os.environ.items() if k not in PRIVATE_VARIABLES}
    paths = [str(root), *filter(None, [environment.get("PYTHONPATH")])]
    environment |= {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1", **(extra or {})}
    with log_file.open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter with our own arguments
            list(command),
            stdin=subprocess.PIPE if payload else subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError), child.stdin as stream:  # it ended at once
            stream.write(payload)
    return child


def is_alive(pid: int) -> bool:
    """Whether a process of this id runs and is ours to signal; one that only waits to be reaped
    does not count.
    """
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return True
    return not state or state[0] != "Z"


def runs(pid: int, *arguments: str) -> bool:
    """Whether a process lives whose command line holds all `arguments`: ours, not another one
    that was given the same id.
    """
    try:
        found = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return is_alive(pid) and all(word.encode() in found for word in arguments)


async def wait_for_end(pid: int) -> None:
    """Return when the process ends, at once where the kernel reports it (Linux pidfd)."""
    if not hasattr(os, "pidfd_open"):
        while is_alive(pid):  # noqa: ASYNC110 - nobody else could set an event
            await asyncio.sleep(POLL)
        return
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def end_process(pid: int, patience: float) -> bool:
    """Ask the process to end, insist after `patience` seconds; True when asking was enough."""
    if not _send(pid, signal.SIGTERM):
        return True
    try:
        await asyncio.wait_for(wait_for_end(pid), patience)
    except TimeoutError:
        _send(pid, signal.SIGKILL)
        await wait_for_end(pid)
        return False
    return True


def kill_process(pid: int) -> None:
    """End a process that ignores SIGTERM or does not answer."""
    _send(pid, signal.SIGKILL)


def _send(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
