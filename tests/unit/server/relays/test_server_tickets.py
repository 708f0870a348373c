"""Tickets: what the signer writes is what a node accepts, and keys are kept to ourselves."""

import json
import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from media.contract.tickets import Grant, Slot, TicketClaims, TicketRole
from server.process.files import write_once
from server.process.keys import KeyFileError, open_keyring
from server.relays.tickets import TicketSigner
from web.kit.ports import RelayAddress

OPENS = datetime(2026, 9, 16, 1, 50, tzinfo=UTC)
CLOSES = OPENS + timedelta(minutes=40)


def signer(folder: Path) -> TicketSigner:
    return TicketSigner(open_keyring(folder).signing, [RelayAddress("n1", "/relay/n1")])


def public_key(folder: Path) -> OKPKey:
    (entry,) = json.loads((folder / "public.json").read_text())["keys"]
    assert "d" not in entry, "the public file holds a private key"
    return OKPKey.import_key(entry)


def test_a_minted_ticket_verifies_with_the_public_file(tmp_path: Path) -> None:
    ticket = signer(tmp_path).mint("lesson", "room:r1", "HOST", "publish", OPENS, CLOSES)
    token = jwt.decode(ticket.token, public_key(tmp_path), algorithms=["Ed25519"])
    assert token.header["alg"] == "Ed25519"
    assert token.header["kid"] == public_key(tmp_path).kid
    claims = TicketClaims.from_payload(token.claims)
    assert (claims.stage, claims.subject) == ("lesson", "room:r1")
    assert (claims.role, claims.grant, claims.slot) == (
        TicketRole.HOST,
        Grant.PUBLISH,
        Slot.MAIN,
    )
    claims.check(OPENS.timestamp(), "lesson", Grant.PUBLISH)


def test_a_ticket_is_widened_by_the_leeway(tmp_path: Path) -> None:
    ticket = signer(tmp_path).mint("lesson", "room:r1", "LEG", "view", OPENS, CLOSES)
    assert ticket.not_before == OPENS - timedelta(seconds=60)
    assert ticket.expires == CLOSES + timedelta(seconds=60)


def test_no_two_tickets_share_a_name(tmp_path: Path) -> None:
    office = signer(tmp_path)
    key = public_key(tmp_path)
    names = set()
    for _ in range(20):
        token = office.mint("lesson", "room:r1", "LEG", "view", OPENS, CLOSES).token
        names.add(jwt.decode(token, key, algorithms=["Ed25519"]).claims["jti"])
    assert len(names) == 20


@pytest.mark.parametrize(("role", "grant"), [("OWNER", "view"), ("LEG", "everything")])
def test_a_ticket_of_no_known_kind_is_not_minted(tmp_path: Path, role: str, grant: str) -> None:
    with pytest.raises(ValueError):
        signer(tmp_path).mint("lesson", "room:r1", role, grant, OPENS, CLOSES)


def test_keys_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    first, again = open_keyring(tmp_path / "keys"), open_keyring(tmp_path / "keys")
    assert (first.signing.kid, first.node_secret) == (again.signing.kid, again.node_secret)
    assert again.seal.open(first.seal.close("rtsp://h/x", "r1"), "r1") == "rtsp://h/x"
    names = ("tickets.json", "node-secret", "sources.key")
    assert {file.name for file in (tmp_path / "keys").iterdir()} == {*names, "public.json"}
    for name in names:
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["tickets.json", "node-secret", "sources.key"])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, name: str) -> None:
    open_keyring(tmp_path)
    (tmp_path / name).chmod(0o644)
    with pytest.raises(KeyFileError, match="can be read by others"):
        open_keyring(tmp_path)


@pytest.mark.parametrize("text", ["", "{}", '{"keys": []}', '{"keys": [{"kty": "oct"}]}'])
def test_a_damaged_key_file_is_named(tmp_path: Path, text: str) -> None:
    open_keyring(tmp_path)
    (tmp_path / "tickets.json").write_text(text)
    with pytest.raises(KeyFileError, match=r"tickets\.json"):
        open_keyring(tmp_path)


@pytest.mark.parametrize("text", ["", "short", "é", "A" * 200])
def test_a_damaged_sealing_key_is_named_and_never_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "sources.key").touch(mode=0o600)
    (tmp_path / "sources.key").write_text(text)
    with pytest.raises(KeyFileError, match=r"sources\.key is not a sealing key"):
        open_keyring(tmp_path)
    assert (tmp_path / "sources.key").read_text() == text


def test_a_key_that_two_processes_make_at_once_is_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        texts = [secrets.token_hex(16) for _ in range(8)]
        list(pool.map(lambda text: write_once(tmp_path / "key", text), texts))
    assert (tmp_path / "key").read_text() in texts
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
