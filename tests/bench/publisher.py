"""`python -m tests.bench.publisher`: publishes the film and answers keyframe requests.

Orders: publish(places, answers, paced) puts the film on each stage; hasten(speed) plays it faster;
requests() tells when the node asked for keyframes, log(seconds) what was sent lately and when the
kernel sent it, both by stage; stop() ends the sessions.
"""

import asyncio
import time
import zlib
from typing import Any

import aiohttp
import uvloop

from media.client.session.address import StageAddress
from media.packets.rtcp import KeyframeRequest, RtcpItem
from media.packets.rtp import RtpPacket
from media.transport.dtls import SharedCertificate
from tests.bench.film import RATE, film
from tests.bench.helpers import serve
from tests.bench.stamped import NANO, StampedInbox, StampedSocket
from tests.support.lightpeer import Datagrams, LightPublisher
from tests.support.offer import AUDIO, VIDEO

BURST, BURST_EVERY = 10, 0.005
"""A browser's pacer: so many packets, then a pause. A keyframe takes some tens of milliseconds."""

SSRCS = {AUDIO: 1001, VIDEO: 1002}

Sent = tuple[int, int, int, int]
"""Payload type, sequence (16 bits), CRC-32 of the payload, nanoseconds."""


class FilmPublisher(LightPublisher):
    """Sends the film as if an encoder ran: a keyframe every ten seconds, or when asked.

    `requests` holds the loop's time of each PLI or FIR that came, `log` what was sent. One that
    does not answer (`answers`) stands for ffmpeg and RTSP, which cannot make a keyframe.
    """

    def __init__(self, *peer: Any, inbox: StampedInbox, answers: bool, paced: bool) -> None:
        super().__init__(*peer)
        self.requests: list[float] = []
        self.log: list[Sent] = []
        self.speed = 1.0
        self._inbox, self._answers, self._paced = inbox, answers, paced
        self._wanted = False
        self._sequences = {AUDIO: 0, VIDEO: 0}
        self._tasks: list[asyncio.Task[None]] = []

    async def _open(self, host: str, port: int) -> Datagrams:
        self._wire = StampedSocket((host, port), self._inbox, self._arrived, stamp_sent=True)
        return self._wire

    def _arrived(self, datagram: memoryview, _stamp: int) -> None:
        self.datagram_received(bytes(datagram), ("", 0))

    def on_item(self, item: RtcpItem) -> None:
        """Note a keyframe request."""
        if isinstance(item, KeyframeRequest):
            self.requests.append(asyncio.get_running_loop().time())
            self._wanted = self._answers

    async def start(self) -> None:
        """Connect and begin."""
        await super().start()
        self._tasks = [
            asyncio.create_task(self._send_pictures()),
            asyncio.create_task(self._send_sound()),
        ]

    async def close(self) -> None:
        """Stop sending and end the session."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await super().close()

    async def _send_sound(self) -> None:
        packets, clock = film().sound, asyncio.get_running_loop().time
        start = clock()
        for number in range(1 << 30):
            await asyncio.sleep(max(0.0, start + number / 50 - clock()))
            self._send_packet(AUDIO, packets[number % len(packets)], 960 * number, marker=False)

    async def _send_pictures(self) -> None:
        groups, clock = film().groups, asyncio.get_running_loop().time
        due, group, place = clock(), 0, 0
        for number in range(1 << 30):
            await asyncio.sleep(max(0.0, due - clock()))
            due += 1 / (RATE * self.speed)
            if self._wanted or place == len(groups[group]):
                self._wanted, group, place = False, (group + 1) % len(groups), 0
            await self._send_picture(groups[group][place], 90_000 // RATE * number)
            place += 1

    async def _send_picture(self, payloads: tuple[bytes, ...], timestamp: int) -> None:
        for index, payload in enumerate(payloads):
            if self._paced and index and index % BURST == 0:
                await asyncio.sleep(BURST_EVERY)
            self._send_packet(VIDEO, payload, timestamp, marker=index == len(payloads) - 1)

    def _send_packet(self, kind: int, payload: bytes, timestamp: int, marker: bool) -> None:
        sequence = self._sequences[kind] & 0xFFFF
        self._sequences[kind] += 1
        packet = RtpPacket(
            marker, kind, sequence, timestamp & 0xFFFFFFFF, SSRCS[kind], payload
        ).pack()
        self.send_rtp(packet)
        self.log.append((kind, sequence, zlib.crc32(payload), self._wire.sent_at))


class Source:
    """The orders' side."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._publishers: dict[str, FilmPublisher] = {}
        self._certificate = SharedCertificate.generateCertificate()
        self._inbox = StampedInbox()

    async def publish(
        self, places: list[list[str]], answers: bool = True, paced: bool = True
    ) -> None:
        for place in (StageAddress(*words) for words in places):
            publisher = FilmPublisher(
                *(self._http, place, self._certificate),
                inbox=self._inbox,
                answers=answers,
                paced=paced,
            )
            await publisher.start()
            self._publishers[place.stage] = publisher

    async def hasten(self, speed: float) -> None:
        for publisher in self._publishers.values():
            publisher.speed = speed

    async def requests(self) -> dict[str, list[float]]:
        return {stage: publisher.requests for stage, publisher in self._publishers.items()}

    async def log(self, seconds: float) -> dict[str, list[Sent]]:
        """Return the last `seconds`, and forget what was before."""
        since = time.clock_gettime_ns(time.CLOCK_REALTIME) - int(seconds * NANO)
        for publisher in self._publishers.values():
            publisher.log = [sent for sent in publisher.log if sent[3] > since]
        return {stage: publisher.log for stage, publisher in self._publishers.items()}

    async def stop(self) -> None:
        for publisher in self._publishers.values():
            await publisher.close()
        self._publishers.clear()


async def main() -> None:
    """Follow orders."""
    film()
    async with aiohttp.ClientSession() as http:
        source = Source(http)
        await serve(
            {
                name: getattr(source, name)
                for name in ("publish", "hasten", "requests", "log", "stop")
            }
        )
        await source.stop()


if __name__ == "__main__":
    uvloop.run(main())
