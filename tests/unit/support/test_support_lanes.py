"""tests.support.lanes: the first worker takes what drives browsers, the others everything else."""

import pytest

from tests.support.lanes import place, unit_of


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("tests/e2e/test_a.py", "pytestmark = [pytest.mark.e2e, needs_chromium]", 0),
        ("tests/e2e/pages", "pytestmark = [pytest.mark.e2e, needs_chromium]", 1),
        ("tests/e2e/test_a.py", "pytestmark = pytest.mark.e2e", 1),
        ("tests/integration/test_a.py", "", 2),
        ("tests/unit/media/test_a.py", "", 3),
    ],
)
def test_browsers_stand_in_front_and_unit_tests_at_the_back(
    file: str, text: str, expected: int
) -> None:
    assert place(file, text) == expected


@pytest.mark.parametrize(
    ("nodeid", "unit"),
    [
        ("tests/e2e/test_a.py::test_it[x/y::z]", "tests/e2e/test_a.py"),
        ("tests/e2e/lessons/test_a.py::test_it", "tests/e2e/lessons"),
        ("tests/unit/media/stage/test_a.py::test_it", "tests/unit/media/stage/test_a.py"),
    ],
)
def test_a_folder_of_end_to_end_tests_is_handed_out_as_one(nodeid: str, unit: str) -> None:
    assert unit_of(nodeid) == unit
