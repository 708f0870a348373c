"""Light peers that restart ICE by PATCH or go on from another socket, and a source for them."""

import asyncio
import re
from dataclasses import replace

from tests.support.endpoint_client import FRAGMENT
from tests.support.lightpeer import LightPeer, LightPublisher, LightViewer
from tests.support.offer import VIDEO, Credentials


class Leftover(asyncio.DatagramProtocol):
    """Stands at an address that a peer has left, and counts what still comes."""

    def __init__(self) -> None:
        self.datagrams = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.datagrams += 1


class Roaming(LightPeer):
    """The roaming half; see RoamingViewer and RoamingPublisher."""

    @property
    def session(self) -> str:
        """The URL of the session."""
        assert self._resource is not None
        return self._resource.url

    @property
    def ticket(self) -> str:
        return self._place.ticket

    async def patch(self, body: str, **headers: str) -> tuple[int, str, str]:
        """PATCH the session; return status, ETag and body. Keyword arguments: _ for -."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"Authorization": f"Bearer {self._place.ticket}", "Content-Type": FRAGMENT}
        async with self._http.patch(self.session, data=body, headers=given) as response:
            return response.status, response.headers.get("ETag", ""), await response.text()

    async def restart(self) -> None:
        """Begin a new ICE session under new credentials on both sides, and check under it."""
        mine = Credentials()
        body = f"a=ice-ufrag:{mine.ufrag}\r\na=ice-pwd:{mine.pwd}\r\n"
        status, _etag, text = await self.patch(body, If_Match="*")
        assert status == 200, text
        assert self.answer is not None
        ufrag, pwd = (re.search(rf"a=ice-{it}:(\S+)", text) for it in ("ufrag", "pwd"))
        assert ufrag
        assert pwd
        assert ufrag[1] != self.answer.ufrag
        self._mine = mine
        self.answer = replace(self.answer, ufrag=ufrag[1], pwd=pwd[1])
        await self._check_anew()

    async def move(self) -> Leftover:
        """Go on from a new socket, as after a change of networks; return who watches the old."""
        assert self._udp is not None
        assert self.answer is not None
        left, leftover = self._udp, Leftover()
        self._udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, remote_addr=(self.answer.host, self.answer.port)
        )
        left.set_protocol(leftover)
        await self._check_anew()
        return leftover

    async def _check_anew(self) -> None:
        await self.vanish()
        assert self.answer is not None
        self._selected.clear()
        self._checks = asyncio.create_task(self._keep_checking(self.answer))

    async def vanish(self) -> None:
        """Fall silent without a word."""
        assert self._checks is not None
        self._checks.cancel()
        await asyncio.gather(self._checks, return_exceptions=True)

    async def say_goodbye(self) -> None:
        """Send a close_notify and nothing else."""
        await self.vanish()
        await self._dtls.close()

    @property
    def received(self) -> int:
        return sum(self.packets.values())


class RoamingViewer(Roaming, LightViewer):
    """A viewer that moves."""


class RoamingPublisher(Roaming, LightPublisher):
    """A publisher that moves."""


async def keep_sending(publisher: LightPublisher) -> None:
    """Send fifty one-packet pictures a second, each of them whole, until cancelled."""
    sequence, payload = 0, b"\x65" + bytes(600)
    while True:
        head = bytes([0x80, 0x80 | VIDEO]) + sequence.to_bytes(2, "big")
        stamp = (1800 * sequence & 0xFFFFFFFF).to_bytes(4, "big")
        publisher.send_rtp(head + stamp + (77).to_bytes(4, "big") + payload)
        sequence = (sequence + 1) & 0xFFFF
        await asyncio.sleep(0.02)
