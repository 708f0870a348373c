"""Reading an import file in a process of its own, which is ended when it takes too long.

`python -m scheduler.exchange.imports.apart` reads the file from stdin and writes what it found, as
a pickle that only this module reads. Within the limits (`limits`) a file can still be made that
takes a minute; the pages must not wait for it, and a thread cannot be ended.
"""

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from scheduler.exchange.imports.importer import parse_county
from scheduler.exchange.imports.limits import too_much
from scheduler.exchange.imports.plan import CountyPlan, ImportProblem, ImportRefused
from scheduler.kernel.sentences import N_, say

PATIENCE = 20.0
"""Seconds: a county of 58 schools takes one, most of it the start of the process."""

ROOT = Path(__file__).resolve().parents[3]
"""The folder that holds our packages."""


async def parse_apart(text: str, patience: float = PATIENCE) -> CountyPlan:
    """Return what `parse_county` returns; raise ImportRefused, also for what takes too long."""
    if refused := tuple(too_much(text)):
        raise ImportRefused(refused)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__),
        stdin=PIPE,
        stdout=PIPE,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},
    )
    try:
        async with asyncio.timeout(patience):
            found, _ = await child.communicate(text.encode())
    except TimeoutError:
        sentence = say(N_("读这个文件用了太长时间，没有导入。请检查是否有重复很多次的内容。"))
        raise ImportRefused((ImportProblem(1, "", sentence),)) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise RuntimeError(f"the import file was not read: exit status {child.returncode}")
    plan = pickle.loads(found)  # noqa: S301 - our own child wrote it
    if isinstance(plan, CountyPlan):
        return plan
    raise ImportRefused(plan)


def main() -> None:
    """Read stdin, write a CountyPlan or the problems."""
    text = sys.stdin.buffer.read().decode()
    found: CountyPlan | tuple[ImportProblem, ...]
    try:
        found = parse_county(text)
    except ImportRefused as refused:
        found = refused.problems
    sys.stdout.buffer.write(pickle.dumps(found))


if __name__ == "__main__":
    main()
