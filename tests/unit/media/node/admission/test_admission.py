"""The admission: what is refused is noted, and a flood of refusals is counted instead."""

import json
from pathlib import Path
from typing import Any

import pytest

from media.contract import tickets
from media.contract.journal import RecordKind
from media.contract.tickets import Grant, TicketError
from media.node.admission.admission import (
    MAX_STAGE,
    MAX_SUBJECT_RECORDS,
    MAX_UNPROVEN_RECORDS,
    MINUTE,
    NOT_RECORDED,
    Admission,
)
from media.node.admission.keyring import Keyring
from media.node.admission.revocations import RevocationList, StageClosed
from tests.support.tickets import TicketMint

NOW = 1_800_000_000.0
OPEN = {"nbf": int(NOW) - 60, "exp": int(NOW) + 3600}
"""The window of a ticket that is good at NOW, whenever the test runs."""


class Notes:
    """What the admission wrote into its journal."""

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
def admission(tmp_path: Path, mint: TicketMint, notes: Notes) -> Admission:
    (tmp_path / "keys.json").write_text(json.dumps(mint.jwks()))
    return Admission(
        Keyring(tmp_path / "keys.json"), RevocationList(tmp_path / "denials.json"), notes
    )


def try_ticket(admission: Admission, token: str, stage: str = "l1", now: float = NOW) -> str:
    with pytest.raises(TicketError) as refused:
        admission.admit(token, stage, (Grant.VIEW,), now)
    return refused.value.reason


def test_refusals_without_a_proven_subject_are_bounded_in_the_journal(
    admission: Admission, notes: Notes
) -> None:
    for _ in range(10_000):
        assert try_ticket(admission, "a.b.c", "x" * 5000) == tickets.MALFORMED
    assert len(notes.records) == MAX_UNPROVEN_RECORDS
    assert {len(record["stage"]) for record in notes.records} == {MAX_STAGE}
    admission.tick(NOW + MINUTE)
    assert notes.records[-1]["data"] == {
        "reason": NOT_RECORDED,
        "grant": "",
        "count": 10_000 - MAX_UNPROVEN_RECORDS,
    }
    assert (admission.refused, admission.unrecorded) == (10_000, 10_000 - MAX_UNPROVEN_RECORDS)
    try_ticket(admission, "a.b.c", now=NOW + MINUTE)
    assert len(notes.records) == MAX_UNPROVEN_RECORDS + 2


def test_a_flood_does_not_keep_a_proven_subject_out_of_the_journal(
    admission: Admission, notes: Notes, mint: TicketMint
) -> None:
    for _ in range(MAX_UNPROVEN_RECORDS + 5):
        try_ticket(admission, "a.b.c")
    foreign = mint.view("l2", "room:r1", **OPEN)
    for _ in range(MAX_SUBJECT_RECORDS + 5):
        assert try_ticket(admission, foreign) == tickets.WRONG_STAGE
    mine = [record for record in notes.records if record["subject"] == "room:r1"]
    assert len(mine) == MAX_SUBJECT_RECORDS


def test_a_ticket_revoked_while_its_body_came_opens_nothing(
    admission: Admission, mint: TicketMint
) -> None:
    claims = admission.admit(mint.view("l1", **OPEN), "l1", (Grant.VIEW,), NOW)
    admission.recheck(claims, NOW)
    admission.revoke("subjects", [claims.subject], NOW + 60, NOW)
    with pytest.raises(TicketError, match=tickets.REVOKED):
        admission.recheck(claims, NOW)
    with pytest.raises(TicketError, match=tickets.EXPIRED):
        admission.recheck(claims, NOW + 7200)


def test_a_stage_closed_while_a_body_came_is_not_opened_again(
    admission: Admission, mint: TicketMint
) -> None:
    claims = admission.admit(mint.view("l1", **OPEN), "l1", (Grant.VIEW,), NOW)
    admission.revoke("stages", ["l1"], NOW + 60, NOW)
    with pytest.raises(StageClosed):
        admission.recheck(claims, NOW)


def test_a_refusal_is_noted_under_the_stage_that_was_signed_not_the_one_asked_for(
    admission: Admission, notes: Notes, mint: TicketMint
) -> None:
    token = mint.sign(mint.claims("l1", "room:r1", Grant.VIEW, **OPEN))
    assert try_ticket(admission, token, stage="another") == tickets.WRONG_STAGE
    assert [(one["stage"], one["subject"]) for one in notes.records] == [("l1", "room:r1")]


def test_without_a_proven_ticket_it_is_noted_under_what_was_asked_for(
    admission: Admission, notes: Notes
) -> None:
    assert try_ticket(admission, "a.b.c", stage="l2") == tickets.MALFORMED
    assert [(one["stage"], one["subject"]) for one in notes.records] == [("l2", "")]
