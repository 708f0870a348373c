"""A skip fails the run where CI is set, however it came about."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SKIPS = {
    "in_a_test": "def test_a(): pytest.skip('no program here')",
    "by_a_mark": "@pytest.mark.skipif(True, reason='no program here')\ndef test_a(): ...",
    "in_a_fixture": (
        "@pytest.fixture\ndef tool(): pytest.skip('no program here')\ndef test_a(tool): ..."
    ),
    "of_a_module": "pytest.skip('no program here', allow_module_level=True)",
}


def run(folder: Path, text: str, **variables: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_a.py").write_text(f"import pytest\n\n{text}\n")
    quiet = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "tests.support.no_skips", "test_a.py"],
        cwd=folder,
        env={**quiet, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("text", SKIPS.values(), ids=SKIPS.keys())
def test_a_skip_fails_the_run_in_ci_and_tells_its_reason(tmp_path: Path, text: str) -> None:
    done = run(tmp_path, text, CI="true")
    assert done.returncode in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    assert "CI is set, and nothing may be skipped there: Skipped: no program here" in done.stdout
    assert "skipped in" not in done.stdout


def test_elsewhere_a_skip_stays_one(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPS["by_a_mark"])
    assert done.returncode == pytest.ExitCode.OK
    assert "SKIPPED [1] test_a.py:3: no program here" in done.stdout


def test_what_is_expected_to_fail_may_fail_in_ci(tmp_path: Path) -> None:
    done = run(tmp_path, "@pytest.mark.xfail\ndef test_a(): assert False", CI="true")
    assert done.returncode == pytest.ExitCode.OK
    assert "1 xfailed" in done.stdout
