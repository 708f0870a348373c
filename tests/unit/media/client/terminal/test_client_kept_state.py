import stat
from pathlib import Path

import pytest

from media.client.terminal.kept_state import KeptState, load_state, save_state
from media.contract.day import DayDocument, DayRoom


def test_what_was_kept_comes_back_and_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "rooms" / "a.json"
    room = DayRoom(id="r1", name="教室")
    day = DayDocument(room=room, relays=(), lessons=(), refresh_after=60.0)
    state = KeptState("token", day, -1.5)
    save_state(path, state)
    save_state(path, state)
    assert load_state(path) == state
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["a.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 2, "day": {}}'])
def test_a_damaged_file_is_an_empty_state(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    assert load_state(path) == KeptState()


def test_an_absent_file_is_an_empty_state(tmp_path: Path) -> None:
    assert load_state(tmp_path / "none.json") == KeptState()


@pytest.mark.parametrize("day", ["{}", '{"room": {"name": "no id"}}'])
def test_a_day_that_cannot_be_used_does_not_cost_the_token(tmp_path: Path, day: str) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"version": 1, "token": "t", "clock_offset": 2, "day": ' + day + "}")
    assert load_state(path) == KeptState("t", None, 2.0)
