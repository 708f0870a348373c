"""A relay node that carries a lesson while strangers and a hostile peer send what they like.

Watched from outside: the lesson goes on, memory and log stay bounded, nothing replayed or forged
reaches the viewer, and nothing leaves unprotected.
"""

import asyncio
import random
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from media.packets.rtp import RtpPacket
from media.transport.dtls import SharedCertificate
from tests.fuzz.mutations import respelled, spoiled
from tests.fuzz.packets import RTCP_SEEDS, RTP_SEEDS, STUN_SEEDS, check
from tests.fuzz.target import Finding, resident
from tests.fuzz.texts import MESSAGES, OFFERS, TICKETS
from tests.support.lightpeer import LightPublisher, LightViewer
from tests.support.relay import RelayProcess, running_relay
from tests.support.waiting import until

STAGE = "l1"
MARK = b"this must never be readable on the wire"
KEPT = 500
GROWTH = 40 * 1024
"""KiB by which the node may grow under siege: caches of the lesson itself fill meanwhile."""

LOG_LINES = 600
"""Lines that it may write: 300 a minute at most (media/httpd/log_limit.py)."""

BURST = 100


class Speaker(LightPublisher):
    """Publishes a keyframe every 20 ms, and remembers the datagrams that carried them."""

    def begin(self) -> None:
        self.sent: list[bytes] = []
        self.frames = 0
        self._speaking = asyncio.create_task(self._speak())

    async def _speak(self) -> None:
        while True:
            number = self.frames
            packet = RtpPacket(True, 102, number % 65536, 1800 * number, 77, b"\x65" + MARK)
            datagram = self._dtls.protect(packet.pack())
            self.sent = [*self.sent[-KEPT:], datagram]
            self.send_raw(datagram)
            self.frames += 1
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        self._speaking.cancel()
        await super().close()


class Listener(LightViewer):
    """Counts what it decrypts, and whether anything came that needed no decrypting."""

    readable = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.readable += MARK in data
        super().datagram_received(data, addr)

    @property
    def heard(self) -> int:
        return self.packets.total()


class Siege:
    """One node, one lesson, and everything that can be thrown at it."""

    def __init__(self, relay: RelayProcess, http: aiohttp.ClientSession, seed: int) -> None:
        self.relay, self.http = relay, http
        self.chance = random.Random(seed)
        self.speaker: Speaker
        self.listener: Listener
        self.address = ("127.0.0.1", relay.udp_port)

    async def open(self) -> None:
        certificate = SharedCertificate.generateCertificate()
        self.speaker = Speaker(self.http, self.relay.publish_place(STAGE), certificate)
        await self.speaker.start()
        self.speaker.begin()
        self.listener = Listener(self.http, self.relay.view_place(STAGE), certificate)
        await self.listener.start()
        await self.goes_on("before the siege")

    async def close(self) -> None:
        await self.listener.close()
        await self.speaker.close()

    async def goes_on(self, when: str) -> None:
        """Fail unless the viewer hears more of the lesson now."""
        heard = self.listener.heard
        try:
            await until(lambda: self.listener.heard > heard + 20, 10, "packets of the lesson")
        except AssertionError as error:
            raise Finding(f"{when}: {error}; log: {self.relay.log()[-2000:]}") from None

    async def strangers(self, count: int) -> None:
        """Datagrams from addresses that nobody knows: garbage, checks without or with a wrong
        integrity, the lesson's own packets."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.setblocking(False)
            for number in range(count):
                with suppress(BlockingIOError):
                    stranger.sendto(self._strange(), self.address)
                if number % BURST == 0:
                    await asyncio.sleep(0.002)
            await asyncio.sleep(0.2)
            with suppress(BlockingIOError):
                raise Finding(f"a stranger was answered: {stranger.recv(2048)!r}")

    def _strange(self) -> bytes:
        answer = self.speaker.answer
        user = f"{answer.ufrag if answer else ''}:theirs".encode()
        seeds = [*STUN_SEEDS, *RTP_SEEDS, *RTCP_SEEDS, *self.speaker.sent[-3:], check(user)]
        kind = self.chance.random()
        if kind < 0.3:
            return self.chance.choice([check(user, b"a guess"), *self.speaker.sent[-3:]])
        if kind < 0.4:
            return self.chance.randbytes(self.chance.randrange(1500))
        return spoiled(self.chance, seeds)

    async def impostors(self, count: int) -> None:
        """Datagrams from the publisher's own address: replayed, forged, garbage, foreign checks."""
        for number in range(count):
            seeds = [*self.speaker.sent, *STUN_SEEDS, b"\x16\xfe\xfd" + bytes(60)]
            replayed = self.chance.random() < 0.4
            data = self.chance.choice(self.speaker.sent) if replayed else None
            self.speaker.send_raw(data or spoiled(self.chance, seeds))
            if number % BURST == 0:
                await asyncio.sleep(0.002)
        if self.listener.heard > self.speaker.frames:
            raise Finding("the viewer heard more packets than the publisher sent")

    async def visitors(self, count: int) -> None:
        """HTTP and WebSocket: bodies, tickets, heads and messages that nobody honest sends."""
        for number in range(count):
            knock = self.chance.choice((self._post, self._post, self._patch, self._raw, self._ws))
            status = await knock(number)
            if status >= 500:
                raise Finding(f"answered with {status} to {knock.__name__} {number}")

    async def _post(self, number: int) -> int:
        endpoint = self.chance.choice(("whip", "whep"))
        mint = self.relay.mint.publish if endpoint == "whip" else self.relay.mint.view
        genuine = self.chance.random() < 0.5
        ticket = mint(STAGE, f"room:{number}") if genuine else respelled(self.chance, TICKETS)
        headers = {
            "Authorization": "Bearer " + "".join(c for c in ticket if c.isprintable()),
            "Content-Type": "application/sdp",
        }
        body = respelled(self.chance, OFFERS).encode("utf-8", "replace")
        slots = self.chance.choice(("", "?slots=main,screen,guest"))
        url = f"{self.relay.url}/{endpoint}/{STAGE}{slots}"
        async with self.http.post(url, data=body, headers=headers) as response:
            await response.read()
            return response.status

    async def _patch(self, number: int) -> int:
        headers = {
            "Authorization": f"Bearer {self.relay.mint.view(STAGE, f'room:{number}')}",
            "Content-Type": "application/trickle-ice-sdpfrag",
        }
        url = f"{self.relay.url}/sessions/{self.chance.choice(('x', '%00', 'a' * 999))}"
        async with self.http.patch(url, data=b"a=x\xff", headers=headers) as response:
            return response.status

    async def _raw(self, _number: int) -> int:
        """Bytes that are hardly HTTP."""
        head = b"POST /whip/l1 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nAuthorization: \xff\r\n"
        control = b"GET /control/hello HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n"
        ends = [head + b"\r\n0123456789", control + b"Connection: close\r\n\r\n"]
        sane = self.chance.random() < 0.3
        data = self.chance.choice(ends) if sane else spoiled(self.chance, ends)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.relay.http_port)
        writer.write(data)
        with suppress(OSError, ValueError):
            writer.write_eof()
            answer = await asyncio.wait_for(reader.read(4096), 5)
            writer.close()
            return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0
        return 0

    async def _ws(self, number: int) -> int:
        url = f"{self.relay.url}/stages/{STAGE}"
        with suppress(aiohttp.ClientError, ConnectionError):
            async with self.http.ws_connect(url) as line:
                if self.chance.random() < 0.5:
                    ticket = self.relay.mint.view(STAGE, f"room:{number % 40}")
                    await line.send_json({"type": "hello", "ticket": ticket})
                text = respelled(self.chance, MESSAGES)
                await line.send_str(text.encode("utf-8", "replace").decode())
                message = await line.receive(timeout=6)
                if message.type is aiohttp.WSMsgType.CLOSE and line.close_code == 1011:
                    return 500
        return 0

    def judge(self, rss: int) -> int:
        """Fail where something grew or leaked; return by how many KiB the node grew."""
        grown, lines = resident(self.relay.pid) - rss, self.relay.log().count("\n")
        if self.listener.readable:
            raise Finding(f"{self.listener.readable} datagrams were not protected")
        if grown > GROWTH:
            raise Finding(f"the node grew by {grown} KiB")
        if lines > LOG_LINES or "Traceback" in self.relay.log():
            raise Finding(f"{lines} log lines, at the end: {self.relay.log()[-3000:]}")
        return grown


@asynccontextmanager
async def siege(folder: Path, seed: int) -> AsyncIterator[Siege]:
    """A node with a lesson on it."""
    async with running_relay(folder) as relay, aiohttp.ClientSession() as http:
        besieged = Siege(relay, http, seed)
        await besieged.open()
        try:
            yield besieged
        finally:
            await besieged.close()


async def besiege(count: int, seed: int) -> dict[str, Any]:
    """Send `count` datagrams of strangers, as many of impostors, and a hundredth as requests."""
    with tempfile.TemporaryDirectory(prefix="tongke-siege-") as folder:
        async with siege(Path(folder) / "node", seed) as besieged:
            rss = resident(besieged.relay.pid)
            await besieged.strangers(count)
            await besieged.goes_on("after the strangers")
            await besieged.impostors(count)
            await besieged.goes_on("after the impostors")
            await besieged.visitors(max(20, count // 100))
            await besieged.goes_on("after the visitors")
            grown = besieged.judge(rss)
            records = len(await besieged.relay.records(besieged.http))
            lines = besieged.relay.log().count("\n")
            heard = f"{besieged.listener.heard} of {besieged.speaker.frames}"
    return {"count": count, "grown": grown, "log_lines": lines, "records": records, "heard": heard}
