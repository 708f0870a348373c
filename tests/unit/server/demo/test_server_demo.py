"""The demo: who plays in it, and what it says."""

from pathlib import Path

import pytest

from scheduler.exchange.imports.importer import parse_county
from scheduler.organisation.enums import RoomKind
from scheduler.organisation.shapes import PersonView, RoomView
from server.demo.county import accounts_of, welcome
from server.demo.lessons import NoCast, choose_cast
from server.demo.terminals import DemoFolder

REPOSITORY = Path(__file__).resolve().parents[4]


def room(code: str, school: str, kind: RoomKind, *communities: str) -> RoomView:
    return RoomView(code, code, code, kind, 40, True, "c", "c", school, school, communities)


def person(code: str, school: str) -> PersonView:
    return PersonView(code, code, code, "语文", school, school)


HOST = room("rec", "core", RoomKind.RECORDING, "group", "wide")
ROOMS = [
    HOST,
    room("core-1", "core", RoomKind.INTERACTIVE, "group", "wide"),
    *(room(f"s{n}-1", f"s{n}", RoomKind.INTERACTIVE, "wide") for n in range(1, 7)),
    room("s1-2", "s1", RoomKind.INTERACTIVE, "group", "wide"),
    room("far-1", "far", RoomKind.INTERACTIVE, "other"),
]


def test_the_demo_takes_the_widest_community_with_one_room_a_school() -> None:
    cast = choose_cast(ROOMS, [person("t0", "s1"), person("t1", "core")], {"t0", "t1"}, 3)
    assert (cast.community_id, cast.host.id, cast.teacher.id) == ("wide", "rec", "t1")
    assert [leg.id for leg in cast.legs] == ["s2-1", "s4-1", "s6-1"]
    assert cast.rooms[0] is HOST


def test_the_demo_takes_every_room_of_a_small_community() -> None:
    cast = choose_cast(ROOMS[:4], [person("t1", "core")], {"t1"}, 5)
    assert [leg.id for leg in cast.legs] == ["s1-1", "s2-1"]


@pytest.mark.parametrize("teachers", [set(), {"t1"}])
def test_without_anybody_to_teach_there_is_no_demo(teachers: set[str]) -> None:
    people = [person("t1", "s1")]
    with pytest.raises(NoCast):
        choose_cast(ROOMS, people, teachers, 3)


def test_the_box_is_as_wide_as_its_widest_line_also_in_chinese() -> None:
    text = (REPOSITORY / "examples/leizhou.toml").read_text("utf-8")
    accounts = accounts_of(parse_county(text, allow_passwords=True))
    box = welcome("http://127.0.0.1:8700", accounts).strip().splitlines()
    columns = {sum(2 if "\u2e80" <= c <= "\uffef" else 1 for c in line) for line in box}
    assert len(columns) == 1, "the right edge is ragged"
    for account in accounts:
        assert any(account.login in line and account.password in line for line in box)


def test_tokens_are_kept_by_room_and_private(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path / "demo")
    folder.prepare()
    assert folder.tokens() == {}
    folder.write("http://127.0.0.1:8700", HOST, {"rec": "token-a", "s1-1": "token-b"})
    assert folder.tokens() == {"rec": "token-a", "s1-1": "token-b"}
    assert folder.config.stat().st_mode & 0o777 == 0o600
    assert folder.path.stat().st_mode & 0o777 == 0o700
