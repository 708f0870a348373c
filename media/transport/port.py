"""The one UDP port of a node: reads datagrams and finds whose they are.

A peer is known by its ufrag first (in a connectivity check with valid integrity) and by its address
from then on. A datagram from a stranger's address that is no such check is dropped unseen.
"""

import asyncio
import logging
import socket

from media.packets.stun import Address, StunError, binding_response, parse_binding_request
from media.transport.link import Link

logger = logging.getLogger(__name__)

READS_PER_WAKE = 128
"""Datagrams read before other work of the loop gets its turn."""
SOCKET_BUFFER = 4 << 20
MAX_DATAGRAM = 2048


class UdpPort:
    """Owns the socket. Counters: `strangers` (dropped datagrams), `refused` (bad checks)."""

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.socket.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        self.socket.bind((host, port))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]
        self.strangers = self.refused = self.dropped = 0
        self._by_ufrag: dict[str, Link] = {}
        self._by_address: dict[Address, Link] = {}

    def open(self) -> None:
        """Begin to read on the running loop."""
        asyncio.get_running_loop().add_reader(self.socket.fileno(), self._readable)

    def close(self) -> None:
        """Stop reading and close the socket."""
        asyncio.get_running_loop().remove_reader(self.socket.fileno())
        self.socket.close()

    def add(self, link: Link) -> None:
        """Make a link known under its ufrags (again after an ICE restart)."""
        self._forget_ufrags(link)
        self._by_ufrag.update(dict.fromkeys(link.ice.ufrags, link))

    def remove(self, link: Link) -> None:
        """Forget a link, its ufrags and its address."""
        self._forget_ufrags(link)
        if link.address is not None and self._by_address.get(link.address) is link:
            del self._by_address[link.address]

    def _forget_ufrags(self, link: Link) -> None:
        for ufrag in [u for u, known in self._by_ufrag.items() if known is link]:
            del self._by_ufrag[ufrag]

    def send(self, datagram: bytes, address: Address) -> bool:
        """Send, or drop when the socket is full or the network refuses; return what happened."""
        try:
            self.socket.sendto(datagram, address)
        except OSError:
            self.dropped += 1
            return False
        return True

    def _readable(self) -> None:
        for _ in range(READS_PER_WAKE):
            try:
                datagram, address = self.socket.recvfrom(MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error of an earlier send; the peer's silence will tell
            self.receive(datagram, address[:2])

    def receive(self, datagram: bytes, address: Address) -> None:
        """Route one datagram."""
        if datagram and datagram[0] < 4:
            self._check(datagram, address)
            return
        link = self._by_address.get(address)
        if link is None:
            self.strangers += 1
        else:
            link.receive(datagram)

    def _check(self, datagram: bytes, address: Address) -> None:
        """Answer a connectivity check; bind the address only after its integrity held."""
        try:
            request = parse_binding_request(datagram)
        except StunError:
            self.strangers += 1
            return
        link = self._by_ufrag.get(request.local_ufrag)
        credentials = link.check(request) if link else None
        if link is None or credentials is None:
            self.refused += 1
            return
        self.send(binding_response(request, address, credentials.pwd.encode()), address)
        if link.address != address and (link.address is None or request.use_candidate):
            if link.address is not None and self._by_address.get(link.address) is link:
                del self._by_address[link.address]
            self._by_address[address] = link
            link.move(address)
