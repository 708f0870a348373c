"""Our STUN against aioice's, an independent implementation, and against garbage."""

import random

import pytest
from aioice import stun as peer
from hypothesis import given
from hypothesis import strategies as st

from media.packets.stun import StunError, binding_response, parse_binding_request

PASSWORD = b"our-password-of-22-chars"


def request(
    username: str = "ours:theirs", password: bytes = PASSWORD, nominate: bool = True
) -> bytes:
    message = peer.Message(peer.Method.BINDING, peer.Class.REQUEST)
    message.attributes["USERNAME"] = username
    message.attributes["PRIORITY"] = 1
    message.attributes["ICE-CONTROLLING"] = 7
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password)
    message.add_fingerprint()
    return bytes(message)


@pytest.mark.parametrize("nominate", [True, False])
def test_reads_what_aioice_writes(nominate: bool) -> None:
    parsed = parse_binding_request(request(nominate=nominate))
    assert (parsed.local_ufrag, parsed.remote_ufrag) == ("ours", "theirs")
    assert parsed.use_candidate is nominate
    assert parsed.verified(PASSWORD)
    assert not parsed.verified(b"another password")


@pytest.mark.parametrize("address", [("192.0.2.7", 40001), ("2001:db8::7", 9)])
def test_aioice_reads_what_we_write(address: tuple[str, int]) -> None:
    parsed = parse_binding_request(request())
    answer = peer.parse_message(binding_response(parsed, address, PASSWORD))
    assert answer.check_message_integrity(PASSWORD)
    assert answer.message_class is peer.Class.RESPONSE
    assert answer.transaction_id == parsed.transaction
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == address


def test_an_altered_request_is_not_genuine() -> None:
    raw = bytearray(request())
    raw[24] ^= 1  # a letter of the username
    assert not parse_binding_request(bytes(raw)).verified(PASSWORD)


def test_what_follows_the_integrity_is_not_believed() -> None:
    plain = request(nominate=False)
    smuggled = plain[:2] + (len(plain) - 20 + 4).to_bytes(2, "big") + plain[4:]
    parsed = parse_binding_request(smuggled + b"\x00\x25\x00\x00")
    assert parsed.use_candidate is False


@given(st.binary(max_size=200))
def test_garbage_is_refused_by_its_own_error(data: bytes) -> None:
    with pytest.raises(StunError):
        parse_binding_request(data)


def test_mutated_requests_never_crash_nor_pass() -> None:
    chance = random.Random(11)
    genuine = request()
    for _ in range(20_000):
        raw = bytearray(genuine)
        for _ in range(chance.randint(1, 4)):
            raw[chance.randrange(len(raw) - 8)] = chance.randrange(256)
        data = bytes(raw[: chance.randint(0, len(raw))])
        try:
            parsed = parse_binding_request(data)
        except StunError:
            continue
        if data[: len(genuine) - 8] != genuine[:-8]:
            assert not parsed.verified(PASSWORD)
