"""The pure modules of the terminal page."""

from pathlib import Path

from tests.support.pure_modules import run_cases

CASES = Path(__file__).parent / "js" / "pure.test.mjs"


def test_pure_modules(tmp_path: Path) -> None:
    run_cases(CASES, tmp_path, "terminal", "protocol")
