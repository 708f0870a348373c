"""tests.support.lanes: the first worker takes what drives browsers, the others everything else."""

import pytest

from tests.support.lanes import place


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("tests/e2e/test_a.py", "pytestmark = [pytest.mark.e2e, needs_chromium]", 0),
        ("tests/e2e/test_a.py", "pytestmark = pytest.mark.e2e", 1),
        ("tests/integration/test_a.py", "", 2),
        ("tests/unit/media/test_a.py", "", 3),
    ],
)
def test_browsers_stand_in_front_and_unit_tests_at_the_back(
    file: str, text: str, expected: int
) -> None:
    assert place(file, text) == expected
