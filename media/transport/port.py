"""The one UDP port of a node: reads datagrams and finds whose they are.

A peer is known by its ufrag first (in a connectivity check with valid integrity) and by its address
from then on. A datagram from a stranger's address that is no such check is dropped unseen.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from time import sleep
from typing import Protocol

from media.packets.stun import Address, StunError, binding_response, parse_binding_request
from media.transport.inbox import BATCH, Inbox, Run
from media.transport.link import Link

logger = logging.getLogger(__name__)

READS_PER_WAKEUP = 4
"""Batches read before other work of the loop gets its turn."""
SOCKET_BUFFER = 4 << 20
PROVEN = 8
"""Addresses of one peer from which packets are taken: those it was heard from last."""

GATHER = 0.0005
"""Seconds for the rest of a frame. Its packets come within a fraction of a millisecond: read
together they cost a tenth of what being woken for each of them costs. The whole loop sleeps, for
another timer and another round of it would cost as much as reading the frame does. Where pictures
wait to be sent it does not, for sending them takes longer; nor behind a whole frame or sound:
whoever has the processor meanwhile leaves cold caches behind."""


class OutgoingQueue(Protocol):
    """Where what arrives waits to be sent (media.fanout.outbox)."""

    @property
    def waiting(self) -> bool:
        """Whether there is anything to send."""
        ...

    def hold(self) -> None:
        """Send nothing before `release`."""
        ...

    def release(self) -> None:
        """Everything that came has been taken."""
        ...


class UdpPort:
    """Owns the socket. What arrives fills `outbox`, which is released after each wake-up.

    Counters: `strangers` (from unproven addresses), `refused` (bad checks), `dropped` (not sent),
    `faults` (dropped by an internal error).
    """

    def __init__(self, host: str, port: int, outbox: OutgoingQueue) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.socket.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        self.socket.bind((host, port))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]
        self.strangers = self.refused = self.dropped = self.faults = 0
        self._refused_of_gone = 0  # links
        self._loop: asyncio.AbstractEventLoop
        self._by_ufrag: dict[str, Link] = {}
        self._by_name: dict[bytes, Link] = {}
        self._inbox = Inbox(self.socket.fileno(), family)
        self._outbox = outbox

    def open(self) -> None:
        """Begin to read on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket.fileno(), self._read)

    def close(self) -> None:
        """Stop reading and close the socket."""
        self._loop.remove_reader(self.socket.fileno())
        self.socket.close()

    def add(self, link: Link) -> None:
        """Make a link known under its ufrags (again after an ICE restart)."""
        self._forget_ufrags(link)
        self._by_ufrag.update(dict.fromkeys(link.ice.ufrags, link))

    def remove(self, link: Link) -> None:
        """Forget a link, its ufrags and its addresses, but not what it refused."""
        self._refused_of_gone += link.counters.refused
        self._forget_ufrags(link)
        for name in link.names:
            self._forget_name(name, link)

    def _forget_ufrags(self, link: Link) -> None:
        for ufrag in [u for u, known in self._by_ufrag.items() if known is link]:
            del self._by_ufrag[ufrag]

    @property
    def packets_refused(self) -> int:
        """Return the packets of every link so far, also of those gone, that were not taken."""
        present = sum(link.counters.refused for link in set(self._by_ufrag.values()))
        return self._refused_of_gone + present

    def sizes(self) -> dict[str, int]:
        """Return how many entries the tables hold, for a look at what grows."""
        return {"ufrags": len(self._by_ufrag), "addresses": len(self._by_name)}

    def send(self, datagram: bytes, address: Address) -> bool:
        """Send, or drop when the socket is full or the network refuses; return what happened."""
        try:
            self.socket.sendto(datagram, address)
        except OSError:
            self.dropped += 1
            return False
        return True

    def _read(self) -> None:
        """The socket is readable: read all of it, and what is about to follow."""
        self._outbox.hold()
        for _ in range(READS_PER_WAKEUP):
            count = self._inbox.read()
            if not self._outbox.waiting and self._inbox.more_follows(count):
                sleep(GATHER)
                count += self._inbox.read(count)
            for run in self._inbox.runs(count):
                self._route(run)
            if count < BATCH:
                break
        self._outbox.release()

    def _route(self, run: Run) -> None:
        """Hand on what came together."""
        link = self._by_name.get(run.name)
        if run.is_rtp and link is not None:
            self._guard(link.receive_rtp, self._inbox, run)
            return
        for index in range(run.start, run.end):
            if link is not None and self._inbox.is_rtcp(index):
                self._guard(link.receive_rtcp, self._inbox, index)
            else:
                self._guard(self.receive, bytes(self._inbox.packet(index)), run.name)

    def _guard(self, take: Callable[..., None], *what: object) -> None:
        """Call `take`; an internal error must not cost other senders their datagrams."""
        try:
            take(*what)
        except Exception:
            self.faults += 1
            logger.exception("datagram dropped: internal error")

    def receive(self, datagram: bytes, name: bytes) -> None:
        """Route one datagram that is no RTP or RTCP of a known peer."""
        if datagram and datagram[0] < 4:
            self._check(datagram, name)
            return
        link = self._by_name.get(name)
        if link is None:
            self.strangers += 1
        else:
            link.receive(datagram)

    def _check(self, datagram: bytes, name: bytes) -> None:
        """Answer a connectivity check; bind the address only after its integrity held."""
        try:
            request = parse_binding_request(datagram)
        except StunError:
            self.strangers += 1
            return
        link = self._by_ufrag.get(request.local_ufrag)
        credentials = link.check(request, name) if link else None
        if link is None or credentials is None:
            self.refused += 1
            return
        address = self._inbox.address_of(name)
        self.send(binding_response(request, address, credentials.pwd.encode()), address)
        self._recognise(name, link)
        if link.address != address and (link.address is None or request.use_candidate):
            link.move(address)

    def _recognise(self, name: bytes, link: Link) -> None:
        """Accept packets from an address that a check has proven, nominated or not: Chromium sends
        media from a new address before it says that it has moved there.
        """
        if name in link.names:
            link.names.remove(name)
        link.names.append(name)
        self._by_name[name] = link
        if len(link.names) > PROVEN:
            self._forget_name(link.names.pop(0), link)

    def _forget_name(self, name: bytes, link: Link) -> None:
        if self._by_name.get(name) is link:
            del self._by_name[name]
