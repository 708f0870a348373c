"""The kernel's side of a batched send: sendmmsg, and UDP_SEGMENT where the kernel takes it.

Linux ABI through cffi without a compiler. One scratch area serves every track of a process: a
chunk of subscribers times a frame of packets, message headers and vectors laid out once.

    packet j of subscriber i lies at (j * ROWS + i) * STRIDE
"""

import errno
import socket
import struct
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

import cffi
from pylibsrtp import _binding

ROWS = 64
"""Subscribers a chunk: the loop is held for no longer than a chunk takes (about 1 ms)."""
COLUMNS = 64
"""Packets a frame at most; also the kernel's limit of segments in a message."""
STRIDE = 1536
WORDS = STRIDE // 4
MAX_MESSAGE = 65_000
ADDRESS = 28
"""Octets of a sockaddr_in6, the longest that is used."""
SOL_UDP, UDP_SEGMENT = 17, 103
MSG_DONTWAIT = 0x40
MAX_SHAPES = 512
"""Combinations of rows and columns whose lists of pointers are kept."""
REFUSALS = (errno.EIO, errno.EINVAL, errno.EOPNOTSUPP)
"""What a kernel, an interface without checksums or a path of small MTU says to UDP_SEGMENT."""

ffi = cffi.FFI()
ffi.cdef("""
struct iovec { void *base; size_t len; };
struct msghdr { void *name; unsigned int namelen; struct iovec *iov; size_t iovlen;
                void *control; size_t controllen; int flags; };
struct mmsghdr { struct msghdr hdr; unsigned int len; };
int sendmmsg(int, struct mmsghdr *, unsigned int, int);
int recvmmsg(int, struct mmsghdr *, unsigned int, int, void *);
""")
libc = ffi.dlopen(None)
srtp_ffi = _binding.ffi


def pack_address(family: int, address: tuple[str, int]) -> bytes:
    """Return a sockaddr of ADDRESS octets."""
    host, port = address
    if family == socket.AF_INET:
        packed = struct.pack("=HH", family, socket.htons(port)) + socket.inet_aton(host)
    else:
        packed = struct.pack("=HHI", family, socket.htons(port), 0)
        packed += socket.inet_pton(family, host) + bytes(4)
    return packed.ljust(ADDRESS, b"\0")


def _address_of(data: object) -> int:
    return int(ffi.cast("uintptr_t", data))


class Scratch:
    """The scratch area and the socket that it is sent through."""

    def __init__(self, handle: int, family: int) -> None:
        self._socket = handle
        self.segmented = True
        self._accepted = False
        self.dropped = 0
        self.missed: Counter[int] = Counter()  # packets by row; empty while everything leaves
        cells = ROWS * COLUMNS
        self._arena = ffi.new("unsigned char[]", cells * STRIDE)
        base = _address_of(self._arena)
        self.octets = memoryview(ffi.buffer(self._arena))
        self.words = self.octets.cast("B").cast("I")
        self.pointers = [srtp_ffi.cast("void*", base + cell * STRIDE) for cell in range(cells)]
        lengths = srtp_ffi.new("int[]", cells)
        self._keep = lengths
        self.length_pointers = [lengths + cell for cell in range(cells)]
        self.lengths = memoryview(srtp_ffi.buffer(lengths)).cast("B").cast("i")
        self._cells: dict[tuple[int, int], tuple[list[Any], list[Any]]] = {}
        name_length = 16 if family == socket.AF_INET else ADDRESS
        self._lay_vectors(name_length)

    def _lay_vectors(self, name_length: int) -> None:
        """Lay one message a subscriber, whose vectors are its packets in order."""
        self._names = ffi.new("unsigned char[]", ROWS * ADDRESS)
        self.names = memoryview(ffi.buffer(self._names))
        self._control = ffi.new("unsigned char[]", 24)
        self._vectors = ffi.new("struct iovec[]", ROWS * COLUMNS)
        self._vector_lengths = memoryview(ffi.buffer(self._vectors)).cast("B").cast("Q")[1::2]
        self._messages = ffi.new("struct mmsghdr[]", ROWS)
        header = memoryview(ffi.buffer(self._messages)).cast("B").cast("Q")
        self._message_vectors, self._message_counts = header[2::8], header[3::8]
        self._control_lengths = header[5::8]
        for row in range(ROWS):
            for column in range(COLUMNS):
                vector = self._vectors[row * COLUMNS + column]
                vector.base = self._arena + (column * ROWS + row) * STRIDE
            message = self._messages[row].hdr
            message.name, message.namelen = self._names + row * ADDRESS, name_length
            message.control = self._control
        first = _address_of(self._vectors)
        self._starts = [first + 16 * COLUMNS * row for row in range(ROWS)]
        self._shape = (0, 0, 0)

    def cells(self, rows: int, columns: int) -> tuple[list[Any], list[Any]]:
        """Return the pointers to packets and to their lengths, column by column."""
        found = self._cells.get((rows, columns))
        if found is None:
            starts = range(0, columns * ROWS, ROWS)
            packets = [p for start in starts for p in self.pointers[start : start + rows]]
            lengths = [p for start in starts for p in self.length_pointers[start : start + rows]]
            if len(self._cells) >= MAX_SHAPES:
                self._cells.clear()
            found = self._cells[rows, columns] = packets, lengths
        return found

    def fill(self, column: int, rows: int, body: bytes) -> int:
        """Write a packet's octets for the first `rows` subscribers; return its length.

        Written once and then doubled, so that the octets cross the memory once.
        """
        first = column * ROWS * STRIDE
        octets, done, wanted = self.octets, STRIDE, rows * STRIDE
        octets[first : first + len(body)] = body
        while done < wanted:
            more = min(done, wanted - done)
            octets[first + done : first + done + more] = octets[first : first + more]
            done += more
        return len(body)

    def send(self, rows: int, lengths: Sequence[int]) -> int:
        """Send the protected packets of `lengths` octets to the first `rows` names.

        Returns how many datagrams left. A full socket drops what is left of the chunk: nobody
        waits for the network.
        """
        sent = start = 0
        while start < len(lengths):
            end = run_end(lengths, start) if self.segmented else start + 1
            sent += self._send_run(rows, lengths, start, end)
            start = end
        self.dropped += rows * len(lengths) - sent
        return sent

    def _send_run(self, rows: int, lengths: Sequence[int], start: int, end: int) -> int:
        """Send packets start to end as one message a subscriber; return how many packets left."""
        count = end - start
        for column in range(start, end):
            column_of = slice(column, rows * COLUMNS, COLUMNS)
            self._vector_lengths[column_of] = array("Q", [lengths[column]]) * rows
        if self._shape != (rows, start, count):
            self._shape = (rows, start, count)
            shift = 16 * start
            self._message_vectors[:rows] = array("Q", [v + shift for v in self._starts[:rows]])
            self._message_counts[:rows] = array("Q", [count]) * rows
            self._control_lengths[:rows] = array("Q", [24 if count > 1 else 0]) * rows
        if count > 1:
            control = ffi.buffer(self._control)
            struct.pack_into("=QiiH", control, 0, 18, SOL_UDP, UDP_SEGMENT, lengths[start])
        at = sent = 0
        while at < rows:
            done = libc.sendmmsg(self._socket, self._messages + at, rows - at, MSG_DONTWAIT)
            if done > 0:
                at += done
                sent += done * count
                self._accepted = self._accepted or count > 1
            elif count > 1 and ffi.errno in REFUSALS:
                sent += self._send_singly(at, start, end)
                at += 1
                self.segmented = self._accepted  # never once accepted: this kernel cannot
            elif ffi.errno in (errno.EAGAIN, errno.ENOBUFS):
                self.missed.update(dict.fromkeys(range(at, rows), count))
                break
            else:
                self.missed[at] += count
                at += 1  # this address cannot be reached; the others can
        return sent

    def _send_singly(self, row: int, start: int, end: int) -> int:
        """Send one subscriber's packets one by one: its path refused the segmented message."""
        sent = 0
        self._shape = (0, 0, 0)
        self._message_counts[row], self._control_lengths[row] = 1, 0
        for column in range(start, end):
            self._message_vectors[row] = self._starts[row] + 16 * column
            sent += libc.sendmmsg(self._socket, self._messages + row, 1, MSG_DONTWAIT) == 1
        if sent < end - start:
            self.missed[row] += end - start - sent
        return sent


def run_end(lengths: Sequence[int], start: int) -> int:
    """Return the end of the longest run from `start` that one segmented message can carry.

    All its packets are equally long, save the last, which may be shorter (udp(7), UDP_SEGMENT).
    """
    size = lengths[start]
    limit = min(len(lengths), start + COLUMNS, start + max(1, MAX_MESSAGE // size))
    end = start + 1
    while end < limit and lengths[end] == size:
        end += 1
    if end < limit and lengths[end] < size:
        end += 1
    return end
