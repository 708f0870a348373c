"""Light viewers that join a lesson and leave it again, each in one of four ways."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence

import aiohttp

from media.client.session.peer import PeerLostError
from media.client.session.resource import NodeRefusedError, NodeUnreachableError
from media.contract.messages import Hello
from media.contract.tickets import Grant
from media.transport.dtls import SharedCertificate
from tests.support.lightpeer import LightViewer
from tests.support.offer import Credentials, write_offer
from tests.support.relay import RelayProcess
from tests.support.waiting import until

SHARES = (85, 10, 3, 2)
"""Of a hundred: visit, listen, vanish, offer only. Who vanishes holds a place for 30 s, and a node
has a thousand."""

CERTIFICATE = SharedCertificate.generateCertificate()


class Crowd:
    """Joins and leaves of one lesson."""

    def __init__(
        self,
        relay: RelayProcess,
        http: aiohttp.ClientSession,
        seed: int,
        shares: Sequence[int] = SHARES,
    ) -> None:
        self.relay, self.http = relay, http
        self.chance = random.Random(seed)
        self.number = 0
        self.happened: Counter[str] = Counter()
        ways = (self._visit, self._listen, self._vanish, self._offer_only)
        self.ways = (ways, shares)

    async def join(self, joins: int, at_once: int) -> None:
        """Let so many join and leave, `at_once` beside each other."""
        left = iter(range(joins))

        async def worker() -> None:
            for _ in left:
                await self._one()

        await asyncio.gather(*(worker() for _ in range(at_once)))

    async def _one(self) -> None:
        self.number += 1
        (way,) = self.chance.choices(*self.ways)
        try:
            await way(f"room:{self.number}")
        except (PeerLostError, NodeRefusedError, NodeUnreachableError, AssertionError) as error:
            self.happened[f"failed: {error}"[:80]] += 1
        else:
            self.happened[way.__name__.strip("_")] += 1

    async def _enter(self, subject: str) -> LightViewer:
        viewer = LightViewer(self.http, self.relay.view_place("l1", subject), CERTIFICATE)
        try:
            await viewer.start()
            await until(lambda: viewer.octets > 0, 15, "a packet")
        except BaseException:
            await viewer.close()
            raise
        return viewer

    async def _visit(self, subject: str) -> None:
        await (await self._enter(subject)).close()

    async def _vanish(self, subject: str) -> None:
        """A power cut: no goodbye."""
        viewer = await self._enter(subject)
        viewer._resource = None
        viewer._udp.close() if viewer._udp else None
        await viewer.close()

    async def _offer_only(self, subject: str) -> None:
        headers = {
            "Authorization": f"Bearer {self.relay.mint.view('l1', subject)}",
            "Content-Type": "application/sdp",
        }
        offer = write_offer(("audio", "video"), "recvonly", Credentials(), CERTIFICATE.fingerprint)
        async with self.http.post(f"{self.relay.url}/whep/l1", data=offer, headers=headers) as got:
            assert got.status == 201, f"{got.status}"

    async def _listen(self, subject: str) -> None:
        ticket = self.relay.mint.sign(self.relay.mint.claims("l1", subject, Grant.VIEW))
        async with self.http.ws_connect(f"{self.relay.url}/stages/l1") as line:
            await line.send_str(Hello(ticket=ticket).model_dump_json())
            await line.receive_json(timeout=10)
