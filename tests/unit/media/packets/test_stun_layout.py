"""Connectivity checks laid out by hand: each guard by itself, and the answer to the octet."""

import hmac
import struct
import zlib

import pytest

from media.packets.stun import StunError, binding_response, parse_binding_request

COOKIE, TRANSACTION, PASSWORD = 0x2112A442, b"transaction.", b"0123456789012345678901"
USERNAME, PRIORITY, NOMINATION = 0x0006, 0x0024, 0x0025


def attribute(kind: int, value: bytes = b"") -> bytes:
    return struct.pack(">HH", kind, len(value)) + value + bytes(-len(value) % 4)


USER = attribute(USERNAME, b"ours:theirs")


def check(*attributes: bytes, kind: int = 1, cookie: int = COOKIE, after: bytes = b"") -> bytes:
    """Return a check with these attributes and a genuine integrity behind them."""
    body = b"".join(attributes)
    head = struct.pack(">HHI12s", kind, len(body) + 24, cookie, TRANSACTION)
    whole = body + attribute(0x0008, hmac.digest(PASSWORD, head + body, "sha1")) + after
    return struct.pack(">HHI12s", kind, len(whole), cookie, TRANSACTION) + whole


def refusal(data: bytes) -> str:
    with pytest.raises(StunError) as refused:
        parse_binding_request(data)
    return str(refused.value)


def test_a_check_is_read() -> None:
    data = check(attribute(PRIORITY, b"\0\0\0\1"), USER, attribute(NOMINATION))
    found = parse_binding_request(data)
    assert (found.local_ufrag, found.remote_ufrag) == ("ours", "theirs")
    assert (found.transaction, found.raw, found.use_candidate) == (TRANSACTION, data, True)
    assert found.integrity_at == len(data) - 24
    assert found.verified(PASSWORD)
    assert not found.verified(PASSWORD[:-1])


@pytest.mark.parametrize("user", [b"a:b", b"aa:b", b"aa:bb", b"aaa:bb", b"a:", b":b", b"a:b:c"])
def test_attributes_of_every_length_are_passed_over(user: bytes) -> None:
    found = parse_binding_request(check(attribute(0x8001, b"x" * len(user)), attribute(6, user)))
    local, _, remote = user.decode().partition(":")
    assert (found.local_ufrag, found.remote_ufrag) == (local, remote)
    assert found.verified(PASSWORD)


def test_who_does_not_nominate_does_not() -> None:
    assert parse_binding_request(check(USER)).use_candidate is False


def test_only_what_stands_before_the_integrity_counts() -> None:
    late = attribute(NOMINATION) + attribute(USERNAME, b"else:where")
    found = parse_binding_request(check(USER, after=late))
    assert (found.local_ufrag, found.use_candidate) == ("ours", False)
    assert found.verified(PASSWORD)
    assert parse_binding_request(check(USER, after=b"\xff\xff\xff\xff" * 2)).verified(PASSWORD)


@pytest.mark.parametrize("at", range(8, 20))
def test_every_octet_of_the_transaction_is_covered(at: int) -> None:
    data = bytearray(check(USER))
    data[at] ^= 1
    assert not parse_binding_request(bytes(data)).verified(PASSWORD)


@pytest.mark.parametrize("at", [-1, -20])
def test_every_octet_of_the_integrity_counts(at: int) -> None:
    data = bytearray(check(USER))
    data[at] ^= 1
    assert not parse_binding_request(bytes(data)).verified(PASSWORD)


@pytest.mark.parametrize(("kind", "cookie"), [(0, COOKIE), (2, COOKIE), (0x101, COOKIE),
                                              (0x11, COOKIE), (1, 0), (1, COOKIE + 1)])  # fmt: skip
def test_only_binding_requests_are_answered(kind: int, cookie: int) -> None:
    assert refusal(check(USER, kind=kind, cookie=cookie)) == "not a binding request"


@pytest.mark.parametrize("length", [0, 1, 19, 1281, 1284, 2000])
def test_a_check_has_20_to_1280_octets(length: int) -> None:
    assert refusal(check(USER, bytes(2000))[:length]) == "length"


def test_the_longest_check_is_read() -> None:
    filling = 1280 - len(check(USER)) - 4
    assert parse_binding_request(check(USER, attribute(0x8001, bytes(filling)))).verified(PASSWORD)
    assert refusal(check(USER, attribute(0x8001, bytes(filling + 4)))) == "length"
    assert refusal(check()[:20][:2] + bytes(2) + check()[4:20]) == "no credentials"


@pytest.mark.parametrize("away", [-4, -1, 1, 4])
def test_the_length_field_is_that_of_the_datagram(away: int) -> None:
    data = check(USER)
    wrong = data[:2] + struct.pack(">H", len(data) - 20 + away) + data[4:]
    assert refusal(wrong) == "length field"


def test_a_message_is_counted_in_words() -> None:
    data = check(USER, after=b"\0\0")
    assert refusal(data) == "length field"


def unsigned(*attributes: bytes) -> bytes:
    body = b"".join(attributes)
    return struct.pack(">HHI12s", 1, len(body), COOKIE, TRANSACTION) + body


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (unsigned(), "no credentials"),
        (unsigned(USER), "no credentials"),
        (check(), "no credentials"),
        (check(attribute(USERNAME, b"ours")), "no credentials"),
        (check(attribute(USERNAME, b"ours:th\xe9rs")), "no credentials"),
        (unsigned(USER, attribute(0x0008, bytes(16))), "integrity length"),
        (unsigned(USER, attribute(0x0008, bytes(24))), "integrity length"),
        (unsigned(USER, struct.pack(">HH", 0x0008, 20) + bytes(16)), "runs over the end"),
        (unsigned(struct.pack(">HH", USERNAME, 5) + b"ou:t"), "runs over the end"),
    ],
)
def test_a_check_without_whole_credentials_is_refused(data: bytes, why: str) -> None:
    assert refusal(data).endswith(why)


@pytest.mark.parametrize(
    ("address", "value"),
    [
        (("192.0.2.1", 32_853), "0001 a147 e112a643"),  # RFC 5769 section 2.2
        (("192.0.2.1%zone", 32_853), "0001 a147 e112a643"),
        (
            ("2001:db8:1234:5678:11:2233:4455:6677", 32_853),  # section 2.3
            "0002 a147 0113a9faa5d3f179bc25f4b5bed2b9d9",
        ),
    ],
)
def test_the_answer_is_that_of_the_published_vectors(address: tuple[str, int], value: str) -> None:
    transaction = bytes.fromhex("b7e7a701bc34d686fa87dfae")
    data = check(USER)
    data = data[:8] + transaction + data[20:]
    answer = binding_response(parse_binding_request(data), address, PASSWORD)
    mapped = attribute(0x0020, bytes.fromhex(value))
    size = len(mapped) + 24
    head = struct.pack(">HHI12s", 0x0101, size, COOKIE, transaction) + mapped
    signed = mapped + attribute(0x0008, hmac.digest(PASSWORD, head, "sha1"))
    whole = struct.pack(">HHI12s", 0x0101, size + 8, COOKIE, transaction) + signed
    print_ = struct.pack(">HHI", 0x8028, 4, zlib.crc32(whole) ^ 0x5354554E)
    assert answer == whole + print_
