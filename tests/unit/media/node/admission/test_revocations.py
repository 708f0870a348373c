"""The revocation list: what it refuses, until when, and what is left of it on disk."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from media.contract import tickets
from media.contract.subjects import Subject
from media.contract.tickets import Grant, Slot, TicketClaims, TicketError, TicketRole
from media.node.admission.revocations import RevocationList, StageClosed

NOW = 1_800_000_000.0
CLAIMS = TicketClaims(
    "t1", "l1", Subject("room:r1"), TicketRole.LEG, Grant.VIEW, Slot.MAIN, 0, 1, "d1"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "denials.json"


def verdict(found: RevocationList, claims: TicketClaims = CLAIMS, now: float = NOW) -> str:
    try:
        found.check(claims, now)
    except TicketError as error:
        return error.reason
    except StageClosed:
        return "closed"
    return "open"


NAMES = {"stages": "l1", "devices": "d1", "tickets": "t1", "subjects": "room:r1"}


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_is_refused_in_its_own_kind_until_its_time(file: Path, kind: str) -> None:
    found = RevocationList(file)
    wrong = [name for other, name in NAMES.items() if other != kind]
    found.add(kind, [*wrong, "another"], NOW + 60, NOW)
    assert verdict(found) == "open"
    found.add(kind, [NAMES[kind]], NOW + 60, NOW)
    expected = "closed" if kind == "stages" else tickets.REVOKED
    assert [verdict(found, now=NOW + at) for at in (0, 59.9, 60)] == [expected] * 2 + ["open"]
    assert found.holds(kind, NAMES[kind], NOW + 59.9)
    assert not found.holds(kind, NAMES[kind], NOW + 60)


def test_a_revoked_ticket_of_a_closed_stage_is_revoked(file: Path) -> None:
    found = RevocationList(file)
    found.add("stages", ["l1"], NOW + 60, NOW)
    found.add("tickets", ["t1"], NOW + 60, NOW)
    assert verdict(found) == tickets.REVOKED


def test_an_empty_name_stands_for_nobody(file: Path) -> None:
    found = RevocationList(file)
    found.add("devices", [""], NOW + 60, NOW)
    assert not found.holds("devices", "", NOW)
    assert verdict(found, replace(CLAIMS, device="")) == "open"


def test_an_order_that_comes_late_shortens_nothing(file: Path) -> None:
    found = RevocationList(file)
    found.add("devices", ["d1"], NOW + 30, NOW)
    found.add("devices", ["d1"], NOW + 60, NOW)
    found.add("devices", ["d1"], NOW + 10, NOW)
    for one in (found, RevocationList(file)):
        assert [verdict(one, now=NOW + at) for at in (59.9, 60)] == [tickets.REVOKED, "open"]


def test_the_file_holds_what_has_not_expired(file: Path) -> None:
    found = RevocationList(file)
    found.add("devices", ["d1", "d2"], NOW + 60, NOW)
    found.add("subjects", ["room:r1"], NOW + 90, NOW + 60)
    assert json.loads(file.read_text()) == {
        "stages": {},
        "devices": {},
        "tickets": {},
        "subjects": {"room:r1": NOW + 90},
    }
    assert [entry.name for entry in file.parent.iterdir()] == ["denials.json"]


def test_a_restart_refuses_what_was_refused_before(file: Path) -> None:
    for kind, name in NAMES.items():
        RevocationList(file).add(kind, [name], NOW + 60, NOW)
    for kind, name in NAMES.items():
        assert RevocationList(file).holds(kind, name, NOW), kind


def test_a_list_of_a_version_with_fewer_kinds_is_read(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text('{"tickets": {"t1": 1800000060}}')
    assert verdict(RevocationList(file)) == tickets.REVOKED
    assert caplog.records == []


def test_a_node_without_a_list_begins_with_an_empty_one(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert verdict(RevocationList(file)) == "open"
    assert caplog.records == []


@pytest.mark.parametrize("text", ["", "[]", "{torn", '{"stages": {"l1": []}}', '{"stages": 1}'])
def test_a_list_that_cannot_be_read_is_reported_and_replaced(
    file: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text(text)
    found = RevocationList(file)
    assert len(caplog.records) == 1
    assert verdict(found) == "open"
    found.add("stages", ["l1"], NOW + 60, NOW)
    assert verdict(RevocationList(file)) == "closed"
