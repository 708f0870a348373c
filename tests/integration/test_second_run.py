"""tests.support.second_run: one more chance in a fresh process, which the summary tells of."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.nodes import ROOT

CONFTEST = """
from tests.support.second_run import (
    pytest_report_teststatus, pytest_runtest_protocol, pytest_terminal_summary
)
"""
TESTS = """
import os, pathlib, time, pytest

pytestmark = pytest.mark.e2e

def once_then(name):
    mark = pathlib.Path(name)
    first = not mark.exists()
    with mark.open("a") as file:
        file.write(f"{os.getpid()}\\n")
    return first

def test_good():
    once_then("good")

@pytest.mark.parametrize("why", ["a busy machine"])
def test_shaky(why):
    assert not once_then("shaky"), why

@pytest.fixture
def broken():
    assert not once_then("broken"), "no browser"

def test_with_a_shaky_fixture(broken):
    pass
"""
BAD = """
def test_bad():
    once_then("bad")
    raise AssertionError("always")
"""
HANGS = """
@pytest.mark.timeout(1)
def test_hangs():
    if once_then("hangs"):
        time.sleep(60)
    time.sleep(0.6)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = e2e: end to end\n")
    return tmp_path


def run(folder: Path, tests: str, *options: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_it.py").write_text(tests)
    inherited = {name: value for name, value in os.environ.items() if name[:6] != "PYTEST"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def runs_of(folder: Path, name: str) -> list[str]:
    return (folder / name).read_text().splitlines()


def test_what_fails_once_passes_in_another_process_and_is_named(folder: Path) -> None:
    ran = run(folder, TESTS + HANGS, "-n", "1")
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.splitlines()[-1].strip("= ").startswith("1 passed, 3 rerun in")
    said = ran.stdout.partition("passed only the second time")[2]
    for name, why in (
        ("test_shaky[a busy machine]", "AssertionError: a busy machine"),
        ("test_with_a_shaky_fixture", "no browser"),
        ("test_hangs", "Timeout"),
    ):
        assert f"RERUN test_it.py::{name}\n" in said
        assert why in said
    assert len(runs_of(folder, "good")) == 1
    for name in ("shaky", "broken", "hangs"):
        first, second = runs_of(folder, name)
        assert first != second


def test_what_fails_twice_has_failed(folder: Path) -> None:
    ran = run(folder, TESTS + BAD, "-n", "1")
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[-1].strip("= ").startswith("1 failed, 1 passed, 2 rerun in")
    assert "FAILED test_it.py::test_bad - AssertionError: always" in ran.stdout
    assert "second run" in ran.stdout
    assert len(runs_of(folder, "bad")) == 2


def test_without_workers_a_first_result_stands(folder: Path) -> None:
    ran = run(folder, TESTS)
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[-1].strip("= ").startswith("1 failed, 1 passed, 1 error in")
    assert len(runs_of(folder, "shaky")) == 1


def test_what_is_not_end_to_end_has_no_second_run(folder: Path) -> None:
    ran = run(folder, TESTS.replace("pytestmark =", "unmarked =") + BAD, "-n", "1")
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[-1].strip("= ").startswith("2 failed, 1 passed, 1 error in")
    assert len(runs_of(folder, "bad")) == len(runs_of(folder, "shaky")) == 1
