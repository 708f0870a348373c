"""Runs tests in a copy of the checkout, again and again, without importing libraries each time.

`python -m tests.mutate.runner` in the copy reads requests (`{"tests": [...], "seconds": n}`, one a
line), forks, runs pytest in the child, and answers `{"status": n}`: pytest's exit status, or null
when the time was used up. Only libraries are imported before the fork, nothing of ours.
"""

import importlib
import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

LIBRARIES = ("pytest", "hypothesis", "sqlmodel", "sqlalchemy.ext.asyncio", "aiohttp", "aiortc")
"""What takes the longest to import."""

OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-p", "tests.mutate.plugin"]
MEMORY = 2 << 30
"""Octets of data of a run: an endless list must not take the machine down."""

OUTPUT = "last-run.txt"


class Runner:
    """The requesting side: a process in the copy, ended with the block."""

    def __init__(self, copy: Path) -> None:
        self.copy = copy
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutate.runner"],
            cwd=copy,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, tests: list[str], seconds: float) -> int | None:
        """Return pytest's exit status, None when it took longer than `seconds`."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"tests": tests, "seconds": seconds}) + "\n")
        stdin.flush()
        status: int | None = json.loads(stdout.readline())["status"]
        return status

    def output(self) -> str:
        """Return what the last run printed."""
        return (self.copy / OUTPUT).read_text("utf-8", "replace")

    def __enter__(self) -> "Runner":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _child(tests: list[str]) -> None:
    import pytest

    os.setsid()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    with Path(OUTPUT).open("wb") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    status = pytest.main([*OPTIONS, *tests])
    sys.stdout.flush()
    os._exit(int(status))


def _run(tests: list[str], seconds: float) -> int | None:
    child = multiprocessing.get_context("fork").Process(target=_child, args=(tests,))
    child.start()
    assert child.pid is not None
    try:
        child.join(seconds)
        return child.exitcode
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # with whatever its tests had started
        child.join()


def main() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"status": _run(**request)}), flush=True)


if __name__ == "__main__":
    main()
