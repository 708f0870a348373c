"""The data folder is its owner's alone, whoever made what lies in it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.process.folder import prepare_folder


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(entry: Path) -> int:
    return stat.S_IMODE(entry.stat().st_mode)


def test_what_was_left_readable_is_taken_from_everybody_else(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "nodes/n1").mkdir(parents=True)
    for name in ("tongke.db", "tongke.db-wal", "nodes/n1/journal"):
        (data / name).write_text("x")
    assert mode(data / "tongke.db") == 0o644
    prepare_folder(data)
    assert {mode(one) for one in (data, data / "nodes", data / "nodes/n1")} == {0o700}
    files = ("tongke.db", "tongke.db-wal", "nodes/n1/journal")
    assert {mode(data / name) for name in files} == {0o600}


def test_what_is_made_afterwards_is_private_too(tmp_path: Path) -> None:
    prepare_folder(tmp_path / "data")
    (tmp_path / "data/new.db").write_text("x")
    assert mode(tmp_path / "data/new.db") == 0o600


def test_a_link_out_of_the_folder_changes_nothing_there(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/link").symlink_to(outside)
    prepare_folder(tmp_path / "data")
    assert mode(outside) == 0o644
