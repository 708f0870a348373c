"""UDP sockets whose datagrams carry the kernel's own times, so that nobody's scheduling counts.

Linux stamps what arrives when it reaches the stack (SO_TIMESTAMPNS) and what is sent when the
device takes it (SO_TIMESTAMPING, read back from the error queue); both in nanoseconds of
CLOCK_REALTIME. A datagram that waits in a socket because its reader is busy keeps its stamp.
"""

import socket
import struct
from array import array
from collections.abc import Callable, Iterator

from media.transport.kernel import MSG_DONTWAIT, ffi, libc
from tests.bench.connected import ConnectedSocket

SO_TIMESTAMPNS, SO_TIMESTAMPING, SCM_TIMESTAMPING = 35, 37, 37
TX_SOFTWARE, REPORT_SOFTWARE, STAMP_ONLY = 1 << 1, 1 << 4, 1 << 11
BATCH, SIZE, CONTROL = 64, 2048, 64
SOCKET_BUFFER = 4 << 20
NANO = 1_000_000_000

Arrived = Callable[[memoryview, int], None]
"""Takes a datagram, which is only there during the call, and the time at which it came."""


class StampedInbox:
    """Buffers for BATCH datagrams and their stamps; serves any number of sockets in turn."""

    def __init__(self) -> None:
        self._buffers = ffi.new("unsigned char[]", BATCH * SIZE)
        self._control = ffi.new("unsigned char[]", BATCH * CONTROL)
        self._vectors = ffi.new("struct iovec[]", BATCH)
        self._messages = ffi.new("struct mmsghdr[]", BATCH)
        for index in range(BATCH):
            vector, header = self._vectors[index], self._messages[index].hdr
            vector.base, vector.len = self._buffers + SIZE * index, SIZE
            header.iov, header.iovlen = self._vectors + index, 1
            header.control = self._control + CONTROL * index
        self._octets = memoryview(ffi.buffer(self._buffers))
        messages = memoryview(ffi.buffer(self._messages)).cast("B")
        self._lengths, self._control_lengths = messages.cast("I")[14::16], messages.cast("Q")[5::8]
        stamps = memoryview(ffi.buffer(self._control)).cast("B").cast("q")
        self._seconds, self._nanoseconds = stamps[2::8], stamps[3::8]  # behind a cmsghdr of 16

    def read(self, handle: int) -> Iterator[tuple[memoryview, int]]:
        """Yield what waits in a socket: (datagram, stamp)."""
        count = BATCH
        while count == BATCH:
            self._control_lengths[:] = array("Q", [CONTROL]) * BATCH
            count = libc.recvmmsg(handle, self._messages, BATCH, MSG_DONTWAIT, ffi.NULL)
            for index in range(count):
                at = SIZE * index
                stamp = self._seconds[index] * NANO + self._nanoseconds[index]
                yield self._octets[at : at + self._lengths[index]], stamp


class StampedSocket(ConnectedSocket):
    """A connected socket whose datagrams come with their times.

    `sent_at` is when the kernel sent the last datagram; 0 unless `stamp_sent`.
    """

    def __init__(
        self,
        remote: tuple[str, int],
        inbox: StampedInbox,
        arrived: Arrived,
        *,
        stamp_sent: bool = False,
        buffer: int = SOCKET_BUFFER,
    ) -> None:
        self.sent_at = 0
        self._inbox, self._arrived, self._stamp_sent = inbox, arrived, stamp_sent
        super().__init__(remote, buffer)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        if stamp_sent:
            flags = TX_SOFTWARE | REPORT_SOFTWARE | STAMP_ONLY
            self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, flags)

    def _readable(self) -> None:
        for datagram, stamp in self._inbox.read(self._socket.fileno()):
            self._arrived(datagram, stamp)

    def sendto(self, data: bytes) -> None:
        """Send, and learn when it left: over loopback the stamp is there at once."""
        super().sendto(data)
        if self._stamp_sent:
            _, control, _, _ = self._socket.recvmsg(0, 512, socket.MSG_ERRQUEUE)
            (stamps,) = [value for _, kind, value in control if kind == SCM_TIMESTAMPING]
            seconds, nanoseconds = struct.unpack_from("=qq", stamps)
            self.sent_at = seconds * NANO + nanoseconds
