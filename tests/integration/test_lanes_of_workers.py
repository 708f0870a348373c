"""tests.support.lanes with real workers: the first one takes what drives browsers."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.nodes import ROOT

TEST = """
import os, pathlib, time
def test_it():
    time.sleep(0.2)
    with pathlib.Path("done").open("a") as done:
        done.write(f"{os.environ['PYTEST_XDIST_WORKER']} {pathlib.Path(__file__).stem[5:]}\\n")
def test_another(): time.sleep(0.2)
def test_third(): time.sleep(0.2)
"""


def test_one_worker_begins_at_the_front_and_the_other_at_the_back(tmp_path: Path) -> None:
    conftest = "from tests.support.lanes import pytest_xdist_make_scheduler"
    (tmp_path / "conftest.py").write_text(conftest)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for folder, name, text in (
        ("e2e", "screen1", "needs_chromium = 1\n"),
        ("e2e", "screen2", "needs_chromium = 1\n"),
        ("e2e", "relay", ""),
        ("integration", "pages", ""),
        ("unit", "rules1", ""),
        ("unit", "rules2", ""),
    ):
        file = tmp_path / "tests" / folder / f"test_{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + TEST)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", "-q"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout
    done = [line.split() for line in (tmp_path / "done").read_text().splitlines()]
    first = next(worker for worker, name in done if name == "screen1")
    front = [name for worker, name in done if worker == first]
    back = [name for worker, name in done if worker != first]
    assert front[:2] == ["screen1", "screen2"]
    assert back[:2] == ["rules1", "rules2"]
    assert sorted(front[2:] + back[2:]) == ["pages", "relay"]
