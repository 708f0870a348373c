"""The scratch area of a batched send: sendmmsg, and UDP_SEGMENT where the kernel takes it.

One area serves every track of a process, batch after batch. It holds the packets of the first
viewer, those of the second behind them, and so on, each in a cell of its own: a viewer's key is in
the processor's cache for all packets of the frame, and a header word is one strided copy.
"""

import errno
import struct
from array import array
from collections import Counter
from collections.abc import Sequence
from socket import AF_INET

from media.fanout.template import STRIDES, Template
from media.transport.kernel import (
    ADDRESS,
    MSG_DONTWAIT,
    SOL_UDP,
    UDP_SEGMENT,
    address_of,
    ffi,
    libc,
)
from media.transport.srtp import Lengths, Pointer, pointers_to

CELLS = 256
"""Packets a batch. Of 64, 128, 256 and 512 this was the cheapest for 32 viewers, twice."""
COLUMNS = 64
"""Packets a frame at most; also the kernel's limit of segments in a message."""
MAX_MESSAGE = 65_000
CONTROL = 24
REFUSALS = (errno.EIO, errno.EINVAL, errno.EOPNOTSUPP)
"""What a kernel, an interface without checksums or a path of small MTU says to UDP_SEGMENT."""


class Cells:
    """The area cut into CELLS cells of one stride, with a vector for each."""

    def __init__(self, area: int, stride: int, length_pointers: list[Pointer]) -> None:
        self.words = stride // 4
        places = range(area, area + CELLS * stride, stride)
        self.pointers, self.length_pointers = pointers_to(places), length_pointers
        self._vectors = ffi.new("struct iovec[]", CELLS)
        fields = memoryview(ffi.buffer(self._vectors)).cast("B").cast("Q")
        fields[0::2] = array("Q", places)
        self.vector_lengths = fields[1::2]
        self.first_vector = address_of(self._vectors)


class Scratch:
    """The area, and the socket that it is sent through.

    `dropped` counts packets that did not leave; `missed` those of the last batch by row.
    """

    def __init__(self, handle: int, family: int) -> None:
        self._socket = handle
        self.segmented = True
        self._accepted = False
        self.dropped = 0
        self._addressed: tuple[int, ...] = ()  # what the messages carry now
        self.missed: Counter[int] = Counter()
        self.template = Template(COLUMNS)
        self._area = ffi.new("unsigned char[]", CELLS * STRIDES[-1])
        self._octets = memoryview(ffi.buffer(self._area))
        self.words = self._octets.cast("B").cast("I")
        lengths, area = Lengths(CELLS), address_of(self._area)
        self._lengths = lengths.octets
        self._strides = {stride: Cells(area, stride, lengths.pointers) for stride in STRIDES}
        self.cells = self._strides[STRIDES[-1]]
        self._lay_messages(16 if family == AF_INET else ADDRESS)

    def _lay_messages(self, name_length: int) -> None:
        """Lay out a message for each viewer that a batch may hold."""
        self._names = ffi.new("unsigned char[]", CELLS * ADDRESS)
        self.names = memoryview(ffi.buffer(self._names))
        self._control = ffi.new("unsigned char[]", CONTROL)
        self._control_octets = ffi.buffer(self._control)
        self._messages = ffi.new("struct mmsghdr[]", CELLS)
        for row in range(CELLS):
            message = self._messages[row].hdr
            message.name, message.namelen = self._names + row * ADDRESS, name_length
            message.control = self._control
        header = memoryview(ffi.buffer(self._messages)).cast("B").cast("Q")
        self._vectors_of, self._counts_of = header[2::8], header[3::8]
        self._controls_of = header[5::8]

    def lay(self, rows: int) -> None:
        """Copy the template's packets for so many viewers; written once, then doubled."""
        template, octets = self.template, self._octets
        self.cells = self._strides[template.stride]
        count = len(template.lengths)
        done = count * template.stride
        wanted = rows * done
        octets[:done] = template.octets[:done]
        while done < wanted:
            more = min(done, wanted - done)
            octets[done : done + more] = octets[:more]
            done += more
        self._lengths[: rows * count] = array("i", template.lengths) * rows

    def send(self, rows: int, tag: int) -> None:
        """Send the packets, `tag` octets longer since they were laid, to the first `rows` names.

        A full socket drops what is left of the batch: nobody waits for the network.
        """
        lengths = [length + tag for length in self.template.lengths]
        self.cells.vector_lengths[: rows * len(lengths)] = array("Q", lengths) * rows
        start = 0
        while start < len(lengths):
            end = run_end(lengths, start) if self.segmented else start + 1
            self._address_run(rows, len(lengths), start, end)
            if end - start > 1:
                octets = self._control_octets
                struct.pack_into("=QiiH", octets, 0, 18, SOL_UDP, UDP_SEGMENT, lengths[start])
            self._send_run(rows, start, end)
            start = end
        self.dropped += self.missed.total()

    def _address_run(self, rows: int, columns: int, start: int, end: int) -> None:
        """Let each viewer's message carry its packets from start to end."""
        shape = (self.cells.first_vector, rows, columns, start, end)
        if shape == self._addressed:
            return
        self._addressed = shape
        first, apart = self.cells.first_vector + 16 * start, 16 * columns
        self._vectors_of[:rows] = array("Q", range(first, first + rows * apart, apart))
        self._counts_of[:rows] = array("Q", [end - start]) * rows
        self._controls_of[:rows] = array("Q", [CONTROL if end - start > 1 else 0]) * rows

    def _send_run(self, rows: int, start: int, end: int) -> None:
        """Send a message to each viewer; note who missed how many packets."""
        count, at = end - start, 0
        while at < rows:
            done = libc.sendmmsg(self._socket, self._messages + at, rows - at, MSG_DONTWAIT)
            if done > 0:
                at += done
                self._accepted = self._accepted or count > 1
            elif count > 1 and ffi.errno in REFUSALS:
                self._send_singly(at, count)
                at += 1
                self.segmented = self._accepted  # never once accepted: this kernel cannot
            elif ffi.errno in (errno.EAGAIN, errno.ENOBUFS):
                self.missed.update(dict.fromkeys(range(at, rows), count))
                break
            else:
                self.missed[at] += count
                at += 1  # this address cannot be reached; the others can

    def _send_singly(self, row: int, count: int) -> None:
        """Send one viewer's packets one by one: its path refused the segmented message."""
        self._addressed = ()
        self._counts_of[row], self._controls_of[row] = 1, 0
        for _ in range(count):
            if libc.sendmmsg(self._socket, self._messages + row, 1, MSG_DONTWAIT) != 1:
                self.missed[row] += 1
            self._vectors_of[row] += 16


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
