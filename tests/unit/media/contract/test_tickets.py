"""What a ticket says, word by word, and the second at which it opens and closes."""

from dataclasses import replace

import pytest

from media.contract import tickets
from media.contract.subjects import Subject
from media.contract.tickets import Grant, Slot, TicketClaims, TicketError, TicketRole

CLAIMS = TicketClaims(
    "t1", "l1", Subject("room:r1"), TicketRole.LEG, Grant.VIEW, Slot.SCREEN, 1000, 2000, "d1"
)
PAYLOAD: dict[str, object] = {
    "aud": "tongke-relay",
    "jti": "t1",
    "stage": "l1",
    "sub": "room:r1",
    "role": "LEG",
    "grant": "view",
    "slot": "screen",
    "nbf": 1000,
    "exp": 2000,
    "device": "d1",
}


def reason(claims: TicketClaims, now: float, stage: str, grant: Grant) -> str:
    with pytest.raises(TicketError) as refused:
        claims.check(now, stage, grant)
    return refused.value.reason


def test_claims_are_written_and_read_word_by_word() -> None:
    assert CLAIMS.to_payload() == PAYLOAD
    assert TicketClaims.from_payload(PAYLOAD) == CLAIMS
    assert TicketClaims.from_payload({**PAYLOAD, "newer": 1}) == CLAIMS


def test_a_person_s_ticket_names_no_device() -> None:
    payload = {name: value for name, value in PAYLOAD.items() if name != "device"}
    assert TicketClaims.from_payload(payload) == replace(CLAIMS, device="")


@pytest.mark.parametrize("missing", [name for name in PAYLOAD if name != "device"])
def test_every_other_claim_must_be_there(missing: str) -> None:
    payload = {name: value for name, value in PAYLOAD.items() if name != missing}
    with pytest.raises(TicketError, match=r"^malformed$"):
        TicketClaims.from_payload(payload)


@pytest.mark.parametrize(("length", "fits"), [(64, True), (65, False)])
@pytest.mark.parametrize("claim", ["jti", "stage", "device"])
def test_a_name_has_64_characters(claim: str, length: int, fits: bool) -> None:
    payload = {**PAYLOAD, claim: "x" * length}
    if fits:
        assert TicketClaims.from_payload(payload).to_payload() == payload
    else:
        with pytest.raises(TicketError, match=r"^malformed$"):
            TicketClaims.from_payload(payload)


def test_a_ticket_opens_a_minute_before_its_time_and_until_a_minute_after() -> None:
    for now in (940.0, 1000.0, 2000.0, 2059.9):
        CLAIMS.check(now, "l1", Grant.VIEW)
    assert reason(CLAIMS, 939.9, "l1", Grant.VIEW) == tickets.NOT_YET
    assert reason(CLAIMS, 2060.0, "l1", Grant.VIEW) == tickets.EXPIRED


def test_a_ticket_opens_its_stage_for_its_grant() -> None:
    assert reason(CLAIMS, 1500, "l2", Grant.VIEW) == tickets.WRONG_STAGE
    assert reason(CLAIMS, 1500, "l1", Grant.PUBLISH) == tickets.WRONG_GRANT


def test_the_reasons_stand_in_journals() -> None:
    assert [
        *(tickets.MALFORMED, tickets.UNKNOWN_KEY, tickets.BAD_SIGNATURE, tickets.NOT_YET),
        *(tickets.EXPIRED, tickets.REVOKED, tickets.WRONG_STAGE, tickets.WRONG_GRANT),
    ] == [
        *("malformed", "unknown-key", "bad-signature", "not-yet-valid"),
        *("expired", "revoked", "wrong-stage", "wrong-grant"),
    ]
    assert str(TicketError("revoked")) == TicketError("revoked").reason == "revoked"
