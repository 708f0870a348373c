"""The kernel's books on the UDP sockets of a process: what reached them and was not taken.

A stopped viewer reads nothing. Once its buffer is full, each datagram that reaches its socket is
one more in the `drops` column of /proc/net/udp: so the kernel counts what a server really sent.
"""

import contextlib
import os
from pathlib import Path


def udp_drops(pid: int) -> dict[int, int]:
    """Return, by inode, how many datagrams each UDP socket of a process could not take so far."""
    mine = _sockets(pid)
    rows = Path(f"/proc/{pid}/net/udp").read_text().splitlines()[1:]
    columns = [row.split() for row in rows]
    return {int(row[9]): int(row[12]) for row in columns if int(row[9]) in mine}


def _sockets(pid: int) -> set[int]:
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since
            link = os.readlink(entry)
            if link.startswith("socket:["):
                found.add(int(link[8:-1]))
    return found
