"""Tickets verified with nothing but public keys."""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.contract import tickets
from media.contract.tickets import Grant, TicketError
from media.node.admission.keyring import Keyring
from tests.support.tickets import TicketMint


@pytest.fixture
def mint() -> TicketMint:
    return TicketMint()


@pytest.fixture
def keyring(tmp_path: Path, mint: TicketMint) -> Keyring:
    (tmp_path / "keys.json").write_text(json.dumps(mint.jwks()))
    return Keyring(tmp_path / "keys.json")


def reason(keyring: Keyring, token: str) -> str:
    with pytest.raises(TicketError) as refused:
        keyring.verify(token)
    return refused.value.reason


def test_a_genuine_ticket_is_read(keyring: Keyring, mint: TicketMint) -> None:
    claims = mint.claims("l1", "room:r1", Grant.VIEW)
    assert keyring.verify(mint.sign(claims)) == claims


def test_a_key_that_came_later_is_found(tmp_path: Path, mint: TicketMint) -> None:
    keyring = Keyring(tmp_path / "keys.json")
    token = mint.view("l1")
    assert reason(keyring, token) == tickets.UNKNOWN_KEY
    (tmp_path / "keys.json").write_text("{broken")
    assert reason(keyring, token) == tickets.UNKNOWN_KEY
    (tmp_path / "keys.json").write_text(json.dumps(mint.jwks()))
    assert keyring.verify(token).stage == "l1"


def test_another_key_under_the_same_name_is_refused(keyring: Keyring) -> None:
    assert reason(keyring, TicketMint().view("l1")) == tickets.BAD_SIGNATURE


def test_an_altered_ticket_is_refused(keyring: Keyring, mint: TicketMint) -> None:
    head, body, signature = mint.view("l1").split(".")
    other = mint.view("l2").split(".")[1]
    assert reason(keyring, f"{head}.{other}.{signature}") == tickets.BAD_SIGNATURE
    assert reason(keyring, f"{head}.{body}.") == tickets.BAD_SIGNATURE


def test_no_algorithm_but_ours_is_believed(keyring: Keyring, mint: TicketMint) -> None:
    _head, body, _signature = mint.view("l1").split(".")
    for algorithm in ("none", "HS256"):
        header = json.dumps({"alg": algorithm, "kid": mint.kid}).encode()
        forged = urlsafe_b64encode(header).decode().rstrip("=")
        assert reason(keyring, f"{forged}.{body}.") == tickets.BAD_SIGNATURE


@given(st.text(alphabet="abcABC019._-=\u6559", max_size=80))
def test_garbage_is_refused(token: str) -> None:
    keyring = Keyring(Path("no-such-folder") / "keys.json")
    with pytest.raises(TicketError):
        keyring.verify(token)


@pytest.mark.parametrize(
    "change",
    [{"jti": 5}, {"stage": ""}, {"sub": "x" * 65}, {"role": "KING"}, {"nbf": 1.5}, {"exp": True},
     {"aud": "another"}, {"slot": None}],
)  # fmt: skip
def test_ill_typed_claims_are_malformed(change: dict[str, object], mint: TicketMint) -> None:
    payload = mint.claims("l1", "room:r1", Grant.VIEW).to_payload() | change
    with pytest.raises(TicketError, match=tickets.MALFORMED):
        tickets.TicketClaims.from_payload(payload)


def test_a_ticket_opens_one_stage_for_one_grant_for_a_while(mint: TicketMint) -> None:
    claims = replace(mint.claims("l1", "room:r1", Grant.VIEW), nbf=1000, exp=2000)
    claims.check(1000 - 59, "l1", Grant.VIEW)
    claims.check(2000 + 59, "l1", Grant.VIEW)
    for now, stage, grant, why in (
        (900, "l1", Grant.VIEW, tickets.NOT_YET),
        (2060, "l1", Grant.VIEW, tickets.EXPIRED),
        (1500, "l2", Grant.VIEW, tickets.WRONG_STAGE),
        (1500, "l1", Grant.PUBLISH, tickets.WRONG_GRANT),
    ):
        with pytest.raises(TicketError, match=why):
            claims.check(now, stage, grant)


def test_a_key_file_that_is_gone_is_logged_once(
    tmp_path: Path, keyring: Keyring, mint: TicketMint, caplog: pytest.LogCaptureFixture
) -> None:
    keyring.verify(mint.view("l1"))
    (tmp_path / "keys.json").unlink()
    stranger = TicketMint(kid="another")
    for _ in range(50):
        assert reason(keyring, stranger.view("l1")) == tickets.UNKNOWN_KEY
    assert len(caplog.records) == 1
    assert keyring.verify(mint.view("l1")).stage == "l1"
