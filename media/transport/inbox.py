"""The kernel's side of a batched read: recvmmsg into buffers that are laid out once.

SRTP is unprotected in place, so that a packet is copied once on its way in.
"""

import socket
import struct
from collections.abc import Iterator

from pylibsrtp import _binding

from media.packets.stun import Address
from media.transport.kernel import ADDRESS, MSG_DONTWAIT, ffi, libc

BATCH = 64
SIZE = 2048
"""Octets of a buffer; a longer datagram is cut and then fails its checks."""

srtp_ffi = _binding.ffi


class Inbox:
    """Buffers for BATCH datagrams and the socket that fills them."""

    def __init__(self, handle: int, family: int) -> None:
        self._socket = handle
        self.name_length = 8 if family == socket.AF_INET else 24
        self._family = family
        self._buffers = ffi.new("unsigned char[]", BATCH * SIZE)
        self.octets = memoryview(ffi.buffer(self._buffers))
        base = int(ffi.cast("uintptr_t", self._buffers))
        self.pointers = [srtp_ffi.cast("void*", base + SIZE * index) for index in range(BATCH)]
        self._names = ffi.new("unsigned char[]", BATCH * ADDRESS)
        self._name_octets = memoryview(ffi.buffer(self._names))
        self._vectors = ffi.new("struct iovec[]", BATCH)
        self._messages = ffi.new("struct mmsghdr[]", BATCH)
        for index in range(BATCH):
            vector, header = self._vectors[index], self._messages[index].hdr
            vector.base, vector.len = self._buffers + SIZE * index, SIZE
            header.name, header.namelen = self._names + ADDRESS * index, ADDRESS
            header.iov, header.iovlen = self._vectors + index, 1
        words = memoryview(ffi.buffer(self._messages)).cast("B").cast("I")
        self._lengths = words[14::16]
        self._name_lengths = words[2::16]

    def read(self) -> int:
        """Take what is there, at most BATCH datagrams; return how many."""
        count: int = libc.recvmmsg(self._socket, self._messages, BATCH, MSG_DONTWAIT, ffi.NULL)
        return max(0, count)

    def datagrams(self, count: int) -> Iterator[tuple[int, int, bytes]]:
        """Yield (index, length, name) of what the last read took.

        `name` is the beginning of the sender's sockaddr: enough to tell peers apart.
        """
        lengths = self._lengths[:count].tolist()
        names, size = self._name_octets, self.name_length
        for index, length in enumerate(lengths):
            at = ADDRESS * index
            yield index, length, bytes(names[at : at + size])

    def copy(self, index: int, length: int) -> bytes:
        """Return a datagram as bytes."""
        at = SIZE * index
        return bytes(self.octets[at : at + length])

    def address_of(self, name: bytes) -> Address:
        """Return (host, port) of a name."""
        (port,) = struct.unpack_from(">H", name, 2)
        if self._family == socket.AF_INET:
            return socket.inet_ntop(socket.AF_INET, name[4:8]), port
        return socket.inet_ntop(socket.AF_INET6, name[8:24]), port


def name_of(family: int, address: Address) -> bytes:
    """Return the name under which datagrams from an address come."""
    host, port = address
    head = struct.pack("=H", family) + struct.pack(">H", port)
    if family == socket.AF_INET:
        return head + socket.inet_aton(host)
    return head + bytes(4) + socket.inet_pton(family, host)
