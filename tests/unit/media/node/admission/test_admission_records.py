"""Each refusal of the admission by its own reason, and its record to the letter."""

import json
from pathlib import Path
from typing import Any

import pytest

from media.contract import tickets
from media.contract.tickets import Grant, TicketClaims, TicketError
from media.node.admission.admission import Admission
from media.node.admission.keyring import Keyring
from media.node.admission.revocations import RevocationList, StageClosed
from tests.support.tickets import TicketMint

NOW = 1_800_000_000.0
OPEN = {"nbf": int(NOW) - 60, "exp": int(NOW) + 3600}
PUBLISH, VIEW = Grant.PUBLISH, Grant.VIEW


class Journal(list[dict[str, Any]]):
    def __call__(self, kind: str, **fields: Any) -> int:
        self.append({"kind": kind, **fields})
        return len(self)


@pytest.fixture
def mint() -> TicketMint:
    return TicketMint()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def admission(tmp_path: Path, mint: TicketMint, journal: Journal) -> Admission:
    (tmp_path / "keys.json").write_text(json.dumps(mint.jwks()))
    return Admission(
        Keyring(tmp_path / "keys.json"), RevocationList(tmp_path / "denials.json"), journal
    )


def refusal(
    admission: Admission, token: str, *grants: Grant, stage: str = "l1", now: float = NOW
) -> str:
    with pytest.raises((TicketError, StageClosed)) as refused:
        admission.admit(token, stage, grants or (VIEW,), now)
    return getattr(refused.value, "reason", "closed")


def record(subject: str, reason: str, grant: Grant = VIEW, stage: str = "l1") -> dict[str, Any]:
    data = {"reason": reason, "grant": grant}
    return {"kind": "refused", "stage": stage, "subject": subject, "data": data}


def left_out(count: int) -> dict[str, Any]:
    return {"kind": "refused", "data": {"reason": "left-out", "grant": "", "count": count}}


@pytest.mark.parametrize("grants", [(VIEW,), (VIEW, PUBLISH), (PUBLISH, VIEW)])
def test_a_ticket_opens_for_each_of_the_grants_that_are_asked_for(
    admission: Admission, mint: TicketMint, journal: Journal, grants: tuple[Grant, ...]
) -> None:
    claims = mint.claims("l1", "room:r1", VIEW, **OPEN)
    assert admission.admit(mint.sign(claims), "l1", grants, NOW) == claims
    assert (journal, admission.refused) == ([], 0)


@pytest.mark.parametrize(("has", "wants"), [(VIEW, PUBLISH), (PUBLISH, VIEW)])
def test_a_ticket_opens_for_no_other_grant(
    admission: Admission, mint: TicketMint, journal: Journal, has: Grant, wants: Grant
) -> None:
    token = mint.sign(mint.claims("l1", "room:r1", has, **OPEN))
    assert refusal(admission, token, wants) == tickets.WRONG_GRANT
    assert journal == [record("room:r1", "wrong-grant", wants)]
    assert admission.refused == 1


def test_every_refusal_is_recorded_with_its_reason_and_who_was_proven(
    admission: Admission, mint: TicketMint, journal: Journal
) -> None:
    revoked = mint.view("l1", "room:r5", device="d5", **OPEN)
    admission.revoke("devices", ["d5"], NOW + 60, NOW)
    admission.revoke("stages", ["l6"], NOW + 60, NOW)
    asked = [
        refusal(admission, "a.b.c"),
        refusal(admission, TicketMint().view("l1", **OPEN)),
        refusal(admission, TicketMint(kid="other").view("l1", **OPEN)),
        refusal(admission, mint.view("l1", "room:r3", nbf=int(NOW) + 61, exp=int(NOW) + 99)),
        refusal(admission, mint.view("l1", "room:r4", nbf=0, exp=int(NOW) - 60)),
        refusal(admission, revoked),
        refusal(admission, mint.view("l6", "room:r6", **OPEN), stage="l6"),
        refusal(admission, mint.view("l2", "room:r7", **OPEN)),
    ]
    assert asked == [
        *("malformed", "bad-signature", "unknown-key", "not-yet-valid", "expired", "revoked"),
        *("closed", "wrong-stage"),
    ]
    assert journal == [
        record("", "malformed"),
        record("", "bad-signature"),
        record("", "unknown-key"),
        record("room:r3", "not-yet-valid"),
        record("room:r4", "expired"),
        record("room:r5", "revoked"),
        record("room:r6", "stage-closed", stage="l6"),
        record("room:r7", "wrong-stage", stage="l2"),
    ]
    assert admission.refused == 8


def test_a_stage_name_is_recorded_up_to_its_longest(admission: Admission, journal: Journal) -> None:
    for length in (64, 65):
        refusal(admission, "a.b.c", stage="x" * length)
    assert [len(one["stage"]) for one in journal] == [64, 64]


@pytest.mark.parametrize(("proven", "most"), [(True, 20), (False, 60)])
def test_so_many_refusals_a_minute_are_recorded(
    admission: Admission, mint: TicketMint, journal: Journal, proven: bool, most: int
) -> None:
    token = mint.view("l2", "room:r1", **OPEN) if proven else "a.b.c"
    for _ in range(most + 3):
        refusal(admission, token)
    admission.tick(NOW + 59.9)
    assert (len(journal), admission.refused, admission.unrecorded) == (most, most + 3, 0)
    admission.tick(NOW + 60)
    admission.tick(NOW + 60)
    assert journal[most:] == [left_out(3)]
    assert (admission.refused, admission.unrecorded) == (most + 3, 3)


def test_each_minute_has_its_own_count(admission: Admission, journal: Journal) -> None:
    for minute in range(3):
        for _ in range(60 + minute):
            refusal(admission, "a.b.c", now=NOW + 60 * minute)
    assert len(journal) == 180 + 1
    admission.tick(NOW + 180)
    assert [one for one in journal if "stage" not in one] == [left_out(1), left_out(2)]
    assert (admission.refused, admission.unrecorded) == (183, 3)


def test_a_minute_in_which_all_was_recorded_adds_no_record(
    admission: Admission, journal: Journal
) -> None:
    refusal(admission, "a.b.c")
    admission.tick(NOW + 60)
    assert journal == [record("", "malformed")]


def test_one_subject_s_flood_leaves_the_others_their_records(
    admission: Admission, mint: TicketMint, journal: Journal
) -> None:
    for subject in ("room:r1", "room:r2"):
        for _ in range(20):
            refusal(admission, mint.view("l2", subject, **OPEN))
    refusal(admission, "a.b.c")
    assert len(journal) == 41


def test_a_second_look_refuses_by_time_and_by_revocation_alone(
    admission: Admission, mint: TicketMint, journal: Journal
) -> None:
    claims: TicketClaims = mint.claims("l1", "room:r1", VIEW, **OPEN)
    admission.recheck(claims, NOW + 3659.9)
    with pytest.raises(TicketError, match=tickets.EXPIRED):
        admission.recheck(claims, NOW + 3660)
    with pytest.raises(TicketError, match=tickets.NOT_YET):
        admission.recheck(claims, NOW - 121)
    admission.revoke("tickets", [claims.jti], NOW + 60, NOW)
    with pytest.raises(TicketError, match=tickets.REVOKED):
        admission.recheck(claims, NOW)
    assert journal == []
