"""Servers under measurement, each with viewers in a process of their own and a way in for RTP."""

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from media.client.session.address import StageAddress
from media.transport.dtls import SharedCertificate
from tests.bench.janus import rtp_socket, running_janus
from tests.bench.sockets import udp_drops
from tests.bench.sources import Send, frames_of_ten
from tests.support.lightpeer import LightPublisher
from tests.support.nodes import ROOT
from tests.support.relay import RelayProcess, running_relay

OURS, JANUS, MEDIA_RELAY = "ours", "Janus 1.1.2 streaming plugin", "aiortc MediaRelay"
STAGE = "bench"
JOIN_TIMEOUT = 60.0
SETTLE, SETTLE_WITHIN = 0.5, 15.0
"""Seconds without a packet after which all are taken to be there."""


class Crowd:
    """Viewers in a process of their own, which can be stopped and let go on."""

    def __init__(self, process: asyncio.subprocess.Process, size: int) -> None:
        self._process, self.size = process, size

    async def counts(self) -> list[int]:
        """Return how many packets each viewer has received."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        return list(json.loads(await self._process.stdout.readline()))

    async def settled_counts(self) -> list[int]:
        """Return the same once nobody receives any more: a busy machine lets viewers lag behind."""
        counts = await self.counts()
        async with asyncio.timeout(SETTLE_WITHIN):
            while True:
                await asyncio.sleep(SETTLE)
                before, counts = counts, await self.counts()
                if counts == before:
                    return counts

    def drops(self) -> dict[int, int]:
        """Return how many datagrams reached each viewer's socket and found it full."""
        return udp_drops(self._process.pid)

    def stop(self) -> None:
        """Let nobody of them run."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def end(self) -> None:
        """End the process without a goodbye to the server."""
        self._process.kill()
        await self._process.wait()


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under measurement, its process and viewers, and what RTP is sent into it with."""

    name: str
    pid: int
    send: Send
    crowd: Crowd


@asynccontextmanager
async def crowd_of(order: dict[str, Any]) -> AsyncIterator[Crowd]:
    """Viewers that are in; `order` is what `tests.bench.crowd` reads."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.crowd"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    crowd = Crowd(process, len(order["places"]))
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        ready = await asyncio.wait_for(process.stdout.readline(), JOIN_TIMEOUT)
        assert ready.strip() == b"ready", "the viewers did not get in"
        yield crowd
    finally:
        await crowd.end()


@dataclass(frozen=True, slots=True)
class Stage:
    """A running node of ours with somebody who publishes on one stage of it."""

    relay: RelayProcess
    send: Send

    def crowd(
        self, viewers: int, kind: str = "plain", profile: str = "gcm", name: str = "room"
    ) -> AbstractAsyncContextManager[Crowd]:
        """Viewers that are in; `kind` as `tests.bench.crowd` knows it."""
        tickets = [self.relay.mint.view(STAGE, f"{name}:{number}") for number in range(viewers)]
        places = [[self.relay.url, STAGE, ticket] for ticket in tickets]
        return crowd_of({"kind": kind, "places": places, "profile": profile})


@asynccontextmanager
async def publishing(place: StageAddress) -> AsyncIterator[Send]:
    """A light publisher that has not sent anything yet."""
    async with aiohttp.ClientSession() as http:
        publisher = LightPublisher(http, place, SharedCertificate.generateCertificate())
        await publisher.start()
        yield publisher.send_rtp
        await publisher.close()


@asynccontextmanager
async def our_relay() -> AsyncIterator[RelayProcess]:
    """Our node as it is."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_relay(Path(folder)) as relay:
            yield relay


@asynccontextmanager
async def our_stage() -> AsyncIterator[Stage]:
    """Our node with a publisher that came by WHIP."""
    async with our_relay() as relay, publishing(relay.publish_place(STAGE)) as send:
        await frames_of_ten(send, 300).play(0.01)  # plain viewers are let in to a source only
        yield Stage(relay, send)


@asynccontextmanager
async def our_node(profile: str, viewers: int, kind: str = "plain") -> AsyncIterator[Subject]:
    """Our node, through its ordinary WHIP and WHEP."""
    async with our_stage() as stage, stage.crowd(viewers, kind, profile) as crowd:
        yield Subject(OURS, stage.relay.pid, stage.send, crowd)


@asynccontextmanager
async def janus(profile: str, viewers: int, event_loops: int = 0) -> AsyncIterator[Subject]:
    """Janus's streaming plugin, fed with plain RTP; `event_loops` 0 is as Debian ships it."""
    async with running_janus(event_loops) as server:
        order = {"kind": "janus", "places": [server.url] * viewers, "profile": profile}
        async with crowd_of(order) as crowd:
            with rtp_socket(server) as sender:
                name = f"{JANUS}, event_loops = {event_loops}" if event_loops else JANUS
                yield Subject(name, server.pid, sender.send, crowd)


@asynccontextmanager
async def media_relay() -> AsyncIterator[tuple[int, StageAddress]]:
    """The yardstick's process: (pid, where to publish and to watch)."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.mediarelay"), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 15))
        yield ready["pid"], StageAddress(f"http://127.0.0.1:{ready['http_port']}", STAGE, "none")
    finally:
        process.terminate()
        await process.wait()
