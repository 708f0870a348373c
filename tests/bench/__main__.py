"""`python -m tests.bench [name ...]`: every bench, or those that are named, one after the other.

One JSON object a line on stdout, as `tests.bench.report` says; progress goes to stderr. Each bench
is a module with a command line of its own: `python -m tests.bench.forwarding gcm300`. The exit
status is 1 when one of them failed; the others are run all the same.
"""

import subprocess
import sys
from collections.abc import Sequence

from tests.bench.report import note
from tests.support.nodes import ROOT

BENCHES = (
    "forwarding",
    "lesson",
    "hall",
    "memory",
    "joins",
    "latency",
    "nodes",
    "yardstick",
    "county",
)


def run(names: Sequence[str]) -> int:
    """Run benches; return the exit status."""
    failed = []
    for name in names:
        note(f"-- {name}")
        if subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], cwd=ROOT).returncode:
            failed.append(name)
    if failed:
        note(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def main(wanted: Sequence[str]) -> int:
    """Run what is wanted; return the exit status."""
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        note(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
        return 2
    return run(wanted or BENCHES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
