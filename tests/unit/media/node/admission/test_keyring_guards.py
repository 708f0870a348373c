"""Each guard of the keyring by itself, and when its file is read."""

import json
import os
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from joserfc import jws

from media.contract import tickets
from media.contract.tickets import Grant, TicketError
from media.node.admission.keyring import Keyring
from tests.support.tickets import TicketMint


@pytest.fixture
def mint() -> TicketMint:
    return TicketMint()


@pytest.fixture
def file(tmp_path: Path, mint: TicketMint) -> Path:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(mint.jwks()))
    return file


@pytest.fixture
def keyring(file: Path) -> Keyring:
    return Keyring(file)


def reason(keyring: Keyring, token: str) -> str:
    with pytest.raises(TicketError) as refused:
        keyring.verify(token)
    return refused.value.reason


def head(header: object) -> str:
    return urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")


@pytest.mark.parametrize("kid", ["k", "ke", "key", "keys", "a key of another length"])
def test_a_key_may_have_a_name_of_any_length(tmp_path: Path, kid: str) -> None:
    """Base64 without its padding: a header's length goes through all remainders of four."""
    mint = TicketMint(kid=kid)
    (tmp_path / "keys.json").write_text(json.dumps(mint.jwks()))
    claims = mint.claims("l1", "room:r1", Grant.VIEW)
    assert Keyring(tmp_path / "keys.json").verify(mint.sign(claims)) == claims


@pytest.mark.parametrize(
    "header", [[], ["kid"], "kid", 7, None, {}, {"kid": None}, {"kid": 7}, {"kid": ["test-key"]}]
)
def test_a_header_that_names_no_key_is_malformed(keyring: Keyring, header: object) -> None:
    assert reason(keyring, f"{head(header)}.b.c") == tickets.MALFORMED


@pytest.mark.parametrize("header", ["", "e", "%%%%", "e30", "\u6559", "W1tb" * 400])
def test_a_header_that_cannot_be_read_is_malformed(keyring: Keyring, header: str) -> None:
    assert reason(keyring, f"{header}.b.c") == tickets.MALFORMED


def test_a_ticket_has_three_parts_of_plain_text(keyring: Keyring, mint: TicketMint) -> None:
    unknown = head({"kid": "another"})
    assert reason(keyring, f"{unknown}.b.c") == tickets.UNKNOWN_KEY
    for token in ("", unknown, f"{unknown}.b", f"{unknown}.b.c.d", f"{unknown}.b.\u6559"):
        assert reason(keyring, token) == tickets.MALFORMED
    keyring.verify(mint.view("l1"))
    assert reason(keyring, mint.view("l1") + ".") == tickets.MALFORMED


def test_a_ticket_is_no_longer_than_it_may_be(keyring: Keyring) -> None:
    start = head({"kid": "another"}) + ".b."
    longest = start + "c" * (2048 - len(start))
    assert reason(keyring, longest) == tickets.UNKNOWN_KEY
    assert reason(keyring, longest + "c") == tickets.MALFORMED


@pytest.mark.parametrize(
    ("payload", "expected"),
    [(b"{}", "malformed"), *((no_object, "bad-signature") for no_object in (b"[]", b"7", b"x"))],
)
def test_a_signed_payload_that_is_no_ticket_opens_nothing(
    keyring: Keyring, mint: TicketMint, payload: bytes, expected: str
) -> None:
    header = {"alg": tickets.ALGORITHM, "kid": mint.kid}
    token = jws.serialize_compact(header, payload, mint.key, algorithms=[tickets.ALGORITHM])
    assert reason(keyring, token) == expected


def test_the_file_is_read_again_only_when_it_changed(
    file: Path, keyring: Keyring, mint: TicketMint
) -> None:
    keyring.verify(mint.view("l1"))
    changed = file.stat().st_mtime_ns
    later = TicketMint(kid="later")
    file.write_text(json.dumps({"keys": mint.jwks()["keys"] + later.jwks()["keys"]}))
    os.utime(file, ns=(changed, changed))
    assert reason(keyring, later.view("l1")) == tickets.UNKNOWN_KEY
    os.utime(file, ns=(changed + 1, changed + 1))
    assert keyring.verify(later.view("l1")).stage == "l1"
    assert keyring.verify(mint.view("l1")).stage == "l1"


def test_a_key_that_left_the_file_opens_nothing_once_the_file_is_read(
    file: Path, keyring: Keyring, mint: TicketMint
) -> None:
    keyring.verify(mint.view("l1"))
    later = TicketMint(kid="later")
    file.write_text(json.dumps(later.jwks()))
    os.utime(file, ns=(1, 1))
    assert keyring.verify(later.view("l1")).stage == "l1"
    assert reason(keyring, mint.view("l1")) == tickets.UNKNOWN_KEY


@pytest.mark.parametrize(
    "broken", ["{torn", "[]", "{}", '{"keys": 7}', '{"keys": [{}]}', '{"keys": [{"kid": "k"}]}']
)
def test_a_file_that_cannot_be_read_leaves_the_keys_of_before(
    file: Path, keyring: Keyring, mint: TicketMint, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    keyring.verify(mint.view("l1"))
    file.write_text(broken)
    os.utime(file, ns=(1, 1))
    stranger = TicketMint(kid="another").view("l1")
    assert [reason(keyring, stranger) for _ in range(3)] == [tickets.UNKNOWN_KEY] * 3
    assert len(caplog.records) == 1
    assert keyring.verify(mint.view("l1")).stage == "l1"


def test_a_fault_that_comes_back_is_logged_again(
    file: Path, keyring: Keyring, mint: TicketMint, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = TicketMint(kid="another").view("l1")
    for turn, text in enumerate(("{torn", json.dumps(mint.jwks()), "{torn"), 1):
        file.write_text(text)
        os.utime(file, ns=(turn, turn))
        for _ in range(2):
            assert reason(keyring, stranger) == tickets.UNKNOWN_KEY
    assert len(caplog.records) == 2
