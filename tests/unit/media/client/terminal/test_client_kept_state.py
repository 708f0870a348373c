import stat
from pathlib import Path

import pytest

from media.client.terminal.kept_state import KeptState, load_state, save_state


def test_what_was_kept_comes_back_and_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "rooms" / "a.json"
    memory = KeptState("token", {"room": {"name": "教室"}}, -1.5)
    save_state(path, memory)
    save_state(path, memory)
    assert load_state(path) == memory
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["a.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 2, "day": {}}'])
def test_a_damaged_file_is_an_empty_memory(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    assert load_state(path) == KeptState()


def test_an_absent_file_is_an_empty_memory(tmp_path: Path) -> None:
    assert load_state(tmp_path / "none.json") == KeptState()
