"""Which tests belong to a source file."""

import subprocess
from pathlib import Path

import pytest

from tests.mutate import mirror
from tests.mutate.mirror import listed, mirror_of, sources


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in (
        "media/__init__.py",
        "media/clock.py",
        "media/packets/rtp.py",
        "media/packets/tables.py",
        "media/node/http/port.py",
        "media/node/journal.py",
        "scheduler/migrations/run.py",
        "scheduler/usage/rows.py",
        "tests/unit/media/test_the_clock.py",
        "tests/unit/media/packets/test_first.py",
        "tests/unit/media/packets/test_old_rtp_parsing.py",
        "tests/unit/media/packets/helper.py",
        "tests/unit/media/node/test_node_journal.py",
        "tests/unit/scheduler/migrations/test_run.py",
        "tests/integration/test_node_http_port.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text("ignored/\n")
    (tmp_path / "ignored").mkdir()
    (tmp_path / "ignored/left.py").touch()
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def test_the_mirrored_folder_is_run_and_what_is_named_after_the_file_first(checkout: Path) -> None:
    assert mirror_of(checkout, "media/packets/rtp.py") == [
        "tests/unit/media/packets/test_old_rtp_parsing.py",
        "tests/unit/media/packets/test_first.py",
    ]


def test_a_folder_without_tests_is_mirrored_by_its_nearest_parent_and_what_is_beside(
    checkout: Path,
) -> None:
    assert mirror_of(checkout, "media/node/http/port.py") == [
        "tests/unit/media/node/test_node_journal.py",
        "tests/integration/test_node_http_port.py",
    ]


def test_directly_below_a_root_only_what_is_named_after_the_file_counts(checkout: Path) -> None:
    assert mirror_of(checkout, "media/clock.py") == ["tests/unit/media/test_the_clock.py"]
    assert mirror_of(checkout, "media/stage/slots.py") == []
    assert mirror_of(checkout, "scheduler/usage/rows.py") == []


def test_files_are_drawn_from_modules_that_have_tests_and_say_more_than_tables(
    checkout: Path,
) -> None:
    assert sources(checkout) == [
        "media/clock.py",
        "media/node/http/port.py",
        "media/node/journal.py",
        "media/packets/rtp.py",
    ]


def test_new_files_are_listed_and_ignored_or_removed_ones_are_not(checkout: Path) -> None:
    subprocess.run(["git", "add", "media/clock.py"], cwd=checkout, check=True)
    (checkout / "media/clock.py").unlink()
    found = listed(checkout)
    assert "media/packets/rtp.py" in found
    assert "ignored/left.py" not in found
    assert "media/clock.py" not in found


def test_every_test_that_is_named_beside_a_folder_exists() -> None:
    root = Path(__file__).resolve().parents[3]
    for place, tests in mirror.BESIDE.items():
        assert (root / place).exists(), place
        for test in tests:
            assert (root / test).is_file(), test
