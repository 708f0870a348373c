"""A viewer so light that one process holds hundreds which read: it counts packets by their headers.

ICE, DTLS and the checks of consent are a light viewer's; media is read in batches (recvmmsg) and
not decrypted, for RTP headers are in the clear (RFC 3711 section 3.1).
"""

from media.fanout.segments import MSG_DONTWAIT, ffi, libc
from media.packets.demux import is_rtp
from tests.bench.connected import ConnectedSocket
from tests.support.lightpeer import Datagrams, LightViewer

BATCH, SIZE = 64, 2048
SOCKET_BUFFER = 1 << 20
"""Octets: what comes in three seconds, so that a busy machine's pauses lose nothing here."""


class Buffers:
    """Room for BATCH datagrams, shared by all sockets of a process."""

    def __init__(self) -> None:
        self._octets = ffi.new("unsigned char[]", BATCH * SIZE)
        self._vectors = ffi.new("struct iovec[]", BATCH)
        self._messages = ffi.new("struct mmsghdr[]", BATCH)
        for index in range(BATCH):
            vector, header = self._vectors[index], self._messages[index].hdr
            vector.base, vector.len = self._octets + SIZE * index, SIZE
            header.iov, header.iovlen = self._vectors + index, 1
        self._memory = memoryview(ffi.buffer(self._octets))

    def read(self, handle: int) -> list[memoryview]:
        """Return what waits in a socket, at most BATCH datagrams, until the next call."""
        count = libc.recvmmsg(handle, self._messages, BATCH, MSG_DONTWAIT, ffi.NULL)
        memory, messages = self._memory, self._messages
        return [memory[SIZE * index : SIZE * index + messages[index].len] for index in range(count)]


BUFFERS = Buffers()


class CountingSocket(ConnectedSocket):
    """A connected socket whose media is counted where it lies."""

    def __init__(self, viewer: "CountingViewer", remote: tuple[str, int]) -> None:
        self._viewer = viewer
        super().__init__(remote, SOCKET_BUFFER)

    def _readable(self) -> None:
        for datagram in BUFFERS.read(self._socket.fileno()):
            if len(datagram) > 1 and is_rtp(datagram[0], datagram[1]):
                self._viewer.count_packet(datagram)
            else:
                self._viewer.datagram_received(bytes(datagram), ("", 0))


class CountingViewer(LightViewer):
    """Counts all its streams together, under 0."""

    async def _open(self, host: str, port: int) -> Datagrams:
        return CountingSocket(self, (host, port))

    def count_packet(self, _datagram: memoryview) -> None:
        """Count a packet. The checks' answers, not media, keep the consent."""
        self.packets[0] += 1
