"""What the light peers' own sockets have in common: connected, read by the loop, closed once."""

import asyncio
import socket
from abc import ABC, abstractmethod


class ConnectedSocket(ABC):
    """A connected UDP socket (tests.support.lightpeer.Datagrams) on the running loop.

    `buffer` is its receive buffer in octets.
    """

    def __init__(self, remote: tuple[str, int], buffer: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._socket.connect(remote)
        self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._readable)

    @abstractmethod
    def _readable(self) -> None:
        """Take what waits in the socket."""

    def sendto(self, data: bytes) -> None:
        self._socket.send(data)

    def is_closing(self) -> bool:
        return self._socket.fileno() < 0

    def close(self) -> None:
        """Stop reading and close."""
        if not self.is_closing():
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()
