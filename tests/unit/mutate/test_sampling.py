"""The sampler itself, on a module with a hole in its tests, in a copy of this checkout."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutate.finding import changes
from tests.mutate.runner import Runner
from tests.mutate.sampling import NotUsable, chosen_changes, chosen_files, judge
from tests.mutate.tree import Spoiled, copied

ROOT = Path(__file__).resolve().parents[3]
SOURCE = "media/sample/limits.py"
MODULE = """def within(value):
    if value < 0:
        return False
    return value <= 5
"""
TEST = """from media.sample.limits import within

def test_within():
    assert within(5)
    assert not within(6)
    assert not within(-1)
"""
TESTS = ["tests/unit/media/sample/test_sample_limits.py"]


@pytest.fixture(scope="module")
def copy() -> Iterator[Path]:
    with copied(ROOT) as folder:
        for name, text in (
            (SOURCE, MODULE),
            ("media/sample/__init__.py", ""),
            (TESTS[0], TEST),
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        yield folder


@pytest.fixture(scope="module")
def runner(copy: Path) -> Iterator[Runner]:
    with Runner(copy) as process:
        yield process


def test_what_the_tests_do_not_look_at_survives_and_the_rest_is_noticed(
    copy: Path, runner: Runner
) -> None:
    outcome = judge(runner, SOURCE, seed=1, count=0)
    assert [str(survivor) for survivor in outcome.survivors] == [
        "2: value < 0 -> (value <= 0)",
        "2: 0 -> 1",
    ]
    assert outcome.tried == len(changes(MODULE))
    assert outcome.noticed == outcome.tried - 2
    assert (copy / SOURCE).read_text() == MODULE


def test_a_run_that_does_not_end_was_noticed(copy: Path, runner: Runner) -> None:
    endless = MODULE.replace("if value < 0", "while True").replace("return False", "pass")
    with Spoiled(copy, SOURCE).holding(endless):
        assert runner.run(TESTS, 3) is None
    assert runner.run(TESTS, 60) == 0


def test_a_file_whose_tests_fail_as_it_is_or_that_has_none_is_refused(
    copy: Path, runner: Runner
) -> None:
    spoiled = Spoiled(copy, SOURCE)
    with spoiled.holding("def within(value):\n    return None\n"):
        with pytest.raises(NotUsable, match="fail on the file as it is"):
            judge(runner, SOURCE, seed=1, count=0)
        with pytest.raises(NotUsable, match="no mirrored tests"):
            judge(runner, "server/app.py", seed=1, count=0)


def test_two_texts_of_one_length_within_a_second_are_not_mixed_up(
    copy: Path, runner: Runner
) -> None:
    spoiled = Spoiled(copy, SOURCE)
    statuses = []
    for text in (MODULE, MODULE.replace("<= 5", "<= 4"), MODULE):
        with spoiled.holding(text):
            statuses.append(runner.run(TESTS, 60))
    assert statuses == [0, 1, 0]


def test_the_copy_is_not_the_checkout(copy: Path) -> None:
    assert (copy / "media/packets/rtp.py").read_text() == (
        ROOT / "media/packets/rtp.py"
    ).read_text()
    assert not (ROOT / SOURCE).exists()
    assert not (copy / ".git").exists()


def test_a_seed_draws_the_same_again_and_another_one_something_else() -> None:
    names = [f"media/file{number}.py" for number in range(40)]
    assert chosen_files(names, 7, 4) == chosen_files(names, 7, 4)
    assert chosen_files(names, 7, 4) != chosen_files(names, 8, 4)
    assert chosen_files(names, 7, 99) == sorted(names)
    first = chosen_changes(SOURCE, MODULE, 7, 4)
    assert first == chosen_changes(SOURCE, MODULE, 7, 4)
    assert len(first) == 4
    assert first != chosen_changes(SOURCE, MODULE, 8, 4)
    assert [change.begin for change in first] == sorted(change.begin for change in first)
    assert chosen_changes(SOURCE, MODULE, 7, 0) == sorted(
        changes(MODULE), key=lambda change: (change.begin, change.end)
    )
