"""Servers under measurement, each with viewers in a process of their own and a way in for RTP."""

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from media.client.lightpeer import LightPublisher
from media.transport.dtls import SharedCertificate
from tests.bench.janus import rtp_socket, running_janus
from tests.bench.sockets import udp_drops
from tests.bench.sources import Send, Source, synthetic
from tests.support.nodes import ROOT
from tests.support.relay import running_relay

OURS, JANUS = "ours", "Janus 1.1.2 streaming plugin"
JOIN_TIMEOUT = 60.0


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


@asynccontextmanager
async def our_node(profile: str, viewers: int) -> AsyncIterator[Subject]:
    """Our node, through its ordinary WHIP and WHEP."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        relay = await stack.enter_async_context(running_relay(folder))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        certificate = SharedCertificate.generateCertificate()
        publisher = LightPublisher(http, relay.publish_place("bench"), certificate)
        await publisher.start()
        stack.push_async_callback(publisher.close)
        Source(publisher.send_rtp, synthetic(), 30).send_frame()  # viewers need a source to join
        tickets = [relay.mint.view("bench", f"room:{number}") for number in range(viewers)]
        places = [[relay.url, "bench", ticket] for ticket in tickets]
        order = {"kind": "ours", "places": places, "profile": profile}
        crowd = await stack.enter_async_context(crowd_of(order))
        yield Subject(OURS, relay.pid, publisher.send_rtp, crowd)


@asynccontextmanager
async def janus(profile: str, viewers: int) -> AsyncIterator[Subject]:
    """Janus's streaming plugin, fed with plain RTP."""
    async with running_janus() as server:
        order = {"kind": "janus", "places": [server.url] * viewers, "profile": profile}
        async with crowd_of(order) as crowd:
            with rtp_socket(server) as sender:
                yield Subject(JANUS, server.pid, sender.send, crowd)
