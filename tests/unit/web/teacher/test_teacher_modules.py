"""The pure modules of the lesson page."""

from pathlib import Path

from tests.support.pure_modules import run_cases

CASES = Path(__file__).parent / "js" / "roster.test.mjs"


def test_what_a_roster_says(tmp_path: Path) -> None:
    run_cases(CASES, tmp_path, "teacher")
