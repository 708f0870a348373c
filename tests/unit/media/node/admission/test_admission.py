"""The door: what is refused is noted, and a flood of refusals is counted instead."""

import json
from pathlib import Path
from typing import Any

import pytest

from media.contract import tickets
from media.contract.journal import RecordKind
from media.contract.tickets import Grant, TicketError
from media.node.admission.admission import (
    LEFT_OUT,
    MAX_STAGE,
    MINUTE,
    NOTED_STRANGERS,
    NOTED_SUBJECT,
    Door,
)
from media.node.admission.keyring import Keyring
from media.node.admission.revocations import Denials, StageClosed
from tests.support.tickets import TicketMint

NOW = 1_800_000_000.0
OPEN = {"nbf": int(NOW) - 60, "exp": int(NOW) + 3600}
"""The window of a ticket that is good at NOW, whenever the test runs."""


class Notes:
    """What the door wrote into its journal."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def __call__(self, kind: RecordKind, **fields: Any) -> int:
        assert kind is RecordKind.REFUSED
        self.records.append(fields)
        return len(self.records)


@pytest.fixture
def mint() -> TicketMint:
    return TicketMint()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def door(tmp_path: Path, mint: TicketMint, notes: Notes) -> Door:
    (tmp_path / "keys.json").write_text(json.dumps(mint.jwks()))
    return Door(Keyring(tmp_path / "keys.json"), Denials(tmp_path / "denials.json"), notes)


def knock(door: Door, token: str, stage: str = "l1", now: float = NOW) -> str:
    with pytest.raises(TicketError) as refused:
        door.admit(token, stage, (Grant.VIEW,), now)
    return refused.value.reason


def test_a_flood_of_strangers_fills_no_journal(door: Door, notes: Notes) -> None:
    for _ in range(10_000):
        assert knock(door, "a.b.c", "x" * 5000) == tickets.MALFORMED
    assert len(notes.records) == NOTED_STRANGERS
    assert {len(record["stage"]) for record in notes.records} == {MAX_STAGE}
    door.tick(NOW + MINUTE)
    assert notes.records[-1]["data"] == {
        "reason": LEFT_OUT,
        "grant": "",
        "count": 10_000 - NOTED_STRANGERS,
    }
    assert (door.refused, door.left_out) == (10_000, 10_000 - NOTED_STRANGERS)
    knock(door, "a.b.c", now=NOW + MINUTE)
    assert len(notes.records) == NOTED_STRANGERS + 2


def test_strangers_do_not_hide_a_proven_subject(door: Door, notes: Notes, mint: TicketMint) -> None:
    for _ in range(NOTED_STRANGERS + 5):
        knock(door, "a.b.c")
    foreign = mint.view("l2", "room:r1", **OPEN)
    for _ in range(NOTED_SUBJECT + 5):
        assert knock(door, foreign) == tickets.WRONG_STAGE
    mine = [record for record in notes.records if record["subject"] == "room:r1"]
    assert len(mine) == NOTED_SUBJECT


def test_a_ticket_revoked_while_its_body_came_opens_nothing(door: Door, mint: TicketMint) -> None:
    claims = door.admit(mint.view("l1", **OPEN), "l1", (Grant.VIEW,), NOW)
    door.check_again(claims, NOW)
    door.deny("subjects", [claims.subject], NOW + 60, NOW)
    with pytest.raises(TicketError, match=tickets.REVOKED):
        door.check_again(claims, NOW)
    with pytest.raises(TicketError, match=tickets.EXPIRED):
        door.check_again(claims, NOW + 7200)


def test_a_stage_closed_while_a_body_came_is_not_opened_again(door: Door, mint: TicketMint) -> None:
    claims = door.admit(mint.view("l1", **OPEN), "l1", (Grant.VIEW,), NOW)
    door.deny("stages", ["l1"], NOW + 60, NOW)
    with pytest.raises(StageClosed):
        door.check_again(claims, NOW)
