"""CPU time of a process, all its threads, from the kernel's own books."""

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Return seconds of CPU used so far: /proc/<pid>/task/*/schedstat counts nanoseconds.

    Where the kernel keeps no schedstat, /proc/<pid>/stat counts ticks of 10 ms.
    """
    tasks = Path(f"/proc/{pid}/task")
    try:
        stats = [(task / "schedstat").read_text() for task in tasks.iterdir()]
        return sum(int(text.split()[0]) for text in stats) / 1e9
    except FileNotFoundError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
