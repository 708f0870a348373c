"""Free ports for the processes that tests start, also while other test runs want some.

A port that the kernel has given and that was closed again may be given to anybody else before the
process under test binds it. These ports lie below those that the kernel gives (on Linux from 32768
on), and each test process takes them from a block of its own, which it holds by a locked file.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from itertools import cycle
from pathlib import Path

FIRST, LAST, BLOCK = 20000, 32000, 100


def free_ports(count: int) -> Sequence[int]:
    """Return ports that nobody uses, neither for TCP nor for UDP; all distinct.

    This process gives the same ones again after a hundred others.
    """
    turns = _own_ports()
    ports: list[int] = []
    for _ in range(2 * BLOCK):
        if len(ports) == count:
            return ports
        port = next(turns)
        if port not in ports and _is_free(port):
            ports.append(port)
    raise AssertionError(f"no {count} free ports in this process's block of {BLOCK}")


@cache
def _own_ports() -> Iterator[int]:
    """Take a block until this process ends; its ports, over and over."""
    folder = Path(tempfile.gettempdir()) / f"tongke-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for first in range(FIRST, LAST, BLOCK):
        descriptor = os.open(folder / str(first), os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held until the process ends
        except BlockingIOError:
            os.close(descriptor)
            continue
        return cycle(range(first, first + BLOCK))
    raise AssertionError(f"every block of ports from {FIRST} to {LAST} is taken")


def _is_free(port: int) -> bool:
    with ExitStack() as held:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            one = held.enter_context(socket.socket(socket.AF_INET, kind))
            try:
                one.bind(("", port))
            except OSError:
                return False
    return True
