"""Which files and which changes are tried in a run, and what came of them."""

import random
import time
from dataclasses import dataclass, field

from tests.mutate.change import Change
from tests.mutate.finding import changes
from tests.mutate.mirror import mirror_of
from tests.mutate.runner import Runner
from tests.mutate.tree import Spoiled

UNCHANGED_SECONDS = 300.0
"""For the tests of a file as it is."""

PATIENCE, EXTRA_SECONDS = 3, 10
"""A change that makes its tests take so many times as long, and so much more, was noticed."""


class NotUsable(Exception):
    """the mirrored tests do not pass on the file as it is"""


@dataclass
class Outcome:
    """What the tests of one file did about its changes."""

    source: str
    tried: int = 0
    survivors: list[Change] = field(default_factory=list)

    @property
    def noticed(self) -> int:
        return self.tried - len(self.survivors)


def chosen_files(names: list[str], seed: int, count: int) -> list[str]:
    """Return `count` of the files: the same ones for the same seed."""
    return sorted(random.Random(seed).sample(names, min(count, len(names))))


def chosen_changes(source: str, text: str, seed: int, count: int) -> list[Change]:
    """Return `count` changes of a file in the order of its lines; all of them for a count of 0."""
    found = changes(text)
    if count and len(found) > count:
        found = random.Random(f"{seed} {source}").sample(found, count)
    return sorted(found, key=lambda change: (change.begin, change.end))


def judge(runner: Runner, source: str, seed: int, count: int) -> Outcome:
    """Try the chosen changes of one file; NotUsable with what pytest printed."""
    tests, spoiled = mirror_of(runner.copy, source), Spoiled(runner.copy, source)
    if not tests:
        raise NotUsable(f"{source}: no mirrored tests")
    began = time.monotonic()
    if runner.run(tests, UNCHANGED_SECONDS) != 0:
        raise NotUsable(f"{source}: its tests fail on the file as it is\n{runner.output()}")
    patience = (time.monotonic() - began) * PATIENCE + EXTRA_SECONDS
    outcome = Outcome(source)
    for change in chosen_changes(source, spoiled.text, seed, count):
        with spoiled.holding(change.apply(spoiled.text)):
            outcome.tried += 1
            if runner.run(tests, patience) == 0:
                outcome.survivors.append(change)
    return outcome
