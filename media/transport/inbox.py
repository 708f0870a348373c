"""The kernel's side of a batched read: recvmmsg into buffers that are laid out once.

SRTP is unprotected in place, so that a packet is copied once on its way in.
"""

import socket
import struct
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from media.packets import demux
from media.packets.rtp import MARKER_BIT
from media.packets.stun import Address
from media.transport.kernel import ADDRESS, MSG_DONTWAIT, address_of, ffi, libc
from media.transport.srtp import Lengths, pointers_to

BATCH = 64
SIZE = 2048
"""Octets of a buffer; a longer datagram is cut and then fails its checks."""
LONG = 600
"""Octets from which a packet is one of several of a picture."""


class Run(NamedTuple):
    """Datagrams `start` to `end` of a read: they came from one sender, one behind the other.

    `name` is the beginning of the sender's sockaddr: enough to tell peers apart.
    """

    start: int
    end: int
    name: bytes
    is_rtp: bool


class Inbox:
    """Buffers for BATCH datagrams and the socket that fills them.

    `pointers` and `length_pointers` are what libsrtp takes of each; `lengths` the octets that the
    latter point to: of the datagrams at first, of the plain packets once they are unprotected.
    """

    def __init__(self, handle: int, family: int) -> None:
        self._socket = handle
        self.name_length = 8 if family == socket.AF_INET else 24
        self._family = family
        self._buffers = ffi.new("unsigned char[]", BATCH * SIZE)
        self.octets = memoryview(ffi.buffer(self._buffers))
        base = address_of(self._buffers)
        self.pointers = pointers_to(range(base, base + BATCH * SIZE, SIZE))
        self._names = ffi.new("unsigned char[]", BATCH * ADDRESS)
        self._name_octets = memoryview(ffi.buffer(self._names))
        self._vectors = ffi.new("struct iovec[]", BATCH)
        self._messages = ffi.new("struct mmsghdr[]", BATCH)
        for index in range(BATCH):
            vector, header = self._vectors[index], self._messages[index].hdr
            vector.base, vector.len = self._buffers + SIZE * index, SIZE
            header.name, header.namelen = self._names + ADDRESS * index, ADDRESS
            header.iov, header.iovlen = self._vectors + index, 1
        words = memoryview(ffi.buffer(self._messages)).cast("B").cast("i")
        self._received_lengths = words[14::16]
        lengths = Lengths(BATCH)
        self.length_pointers, self.lengths = lengths.pointers, lengths.octets
        self._split_names = struct.Struct(f"{self.name_length}s{ADDRESS - self.name_length}x")

    def read(self, behind: int = 0) -> int:
        """Take what is there behind the first datagrams, BATCH in all at most; return how many."""
        count: int = libc.recvmmsg(
            self._socket, self._messages + behind, BATCH - behind, MSG_DONTWAIT, ffi.NULL
        )
        if count <= 0:
            return 0
        end = behind + count
        self.lengths[behind:end] = self._received_lengths[behind:end]
        return count

    def more_follows(self, count: int) -> bool:
        """Return whether more is about to come behind what the last read took: the rest of a frame
        (a long RTP packet without the marker), or the feedback of other viewers, who answer the
        same reports. Sound comes alone.
        """
        if not 0 < count < BATCH:
            return False
        at = SIZE * (count - 1)
        first, second = self.octets[at], self.octets[at + 1]
        if not demux.is_rtp(first, second):
            return True
        return self.lengths[count - 1] >= LONG and not second & MARKER_BIT

    def runs(self, count: int) -> Iterator[Run]:
        """Yield what the last read took, as runs of one sender and kind."""
        names = self._split_names.iter_unpack(self._name_octets[: count * ADDRESS])
        firsts, seconds = (bytes(self.octets[at : count * SIZE : SIZE]) for at in (0, 1))
        kinds = map(demux.is_rtp, firsts, seconds)
        start = 0
        for ((name,), is_rtp), group in groupby(zip(names, kinds, strict=True)):
            end = start + sum(1 for _ in group)
            yield Run(start, end, name, is_rtp)
            start = end

    def is_rtcp(self, index: int) -> bool:
        """Return whether a datagram that is no RTP is RTCP (RFC 7983, RFC 5761)."""
        return 128 <= self.octets[SIZE * index] <= 191 and self.lengths[index] > 1

    def packet(self, index: int) -> memoryview:
        """Return a datagram where it lies; the next read writes over it."""
        at = SIZE * index
        return self.octets[at : at + self.lengths[index]]

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
