"""`make mutate MUTATE="--seed 7 --files 3"`: do the tests notice small wrong changes?

Puts one change at a time (a comparison, a guard left out, arguments swapped, ...) into a copy of
the checkout and runs the mirrored tests on it. Prints a line for each change that no test noticed.
Files are drawn at random, or are those that are named.
"""

import argparse
import secrets
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from tests.mutate.mirror import sources
from tests.mutate.runner import Runner
from tests.mutate.sampling import NotUsable, Outcome, chosen_files, judge
from tests.mutate.tree import copied

ROOT = Path(__file__).resolve().parents[2]


def outcomes(
    files: Iterable[str], seed: int, per_file: int, jobs: int
) -> Iterator[Outcome | NotUsable]:
    """Judge the files, `jobs` at a time and each in a copy that no other uses meanwhile."""
    with ExitStack() as stack:
        free: SimpleQueue[Runner] = SimpleQueue()
        for _ in range(jobs):
            free.put(stack.enter_context(Runner(stack.enter_context(copied(ROOT)))))
        pool = stack.enter_context(ThreadPoolExecutor(jobs))

        def judged(source: str) -> Outcome | NotUsable:
            runner = free.get()
            try:
                return judge(runner, source, seed, per_file)
            except NotUsable as reason:
                return reason
            finally:
                free.put(runner)

        for done in as_completed([pool.submit(judged, source) for source in files]):
            yield done.result()


def report(outcome: Outcome) -> None:
    for survivor in outcome.survivors:
        print(f"{outcome.source}:{survivor}")
    print(f"  {outcome.source}: {outcome.noticed} of {outcome.tried} noticed", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000))
    parser.add_argument("--files", type=int, default=4, help="so many, drawn from all")
    parser.add_argument("--per-file", type=int, default=12, help="changes of a file; 0: every one")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("sources", nargs="*", help="these files instead, e.g. media/packets/rtp.py")
    given = parser.parse_args()
    files = given.sources or chosen_files(sources(ROOT), given.seed, given.files)
    print(f"seed {given.seed}: {len(files)} files, in copies of this checkout", flush=True)
    judged, unusable = [], []
    for outcome in outcomes(files, given.seed, given.per_file, given.jobs):
        if isinstance(outcome, NotUsable):
            unusable.append(outcome)
            print(outcome, file=sys.stderr, flush=True)
        else:
            judged.append(outcome)
            report(outcome)
    tried, noticed = (sum(o.tried for o in judged), sum(o.noticed for o in judged))
    if tried:
        print(f"seed {given.seed}: {noticed} of {tried} changes noticed, {noticed / tried:.1%}")
    return 1 if unusable else 0


if __name__ == "__main__":
    sys.exit(main())
