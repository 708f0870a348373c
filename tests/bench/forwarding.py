"""`python -m tests.bench.forwarding`: CPU a forwarded packet, beside Debian's Janus.

Both servers run in one run and take turns; the source is the same synthetic H.264 in frames of ten
packets, once at 300 and once at 1,500 packets a second, to 32 real ICE/DTLS viewers. The viewers
are stopped (SIGSTOP) after the handshake while a window is measured, so that only the sender's cost
counts; one run has them reading. User and system time of the whole server process, all its threads.
The ratio is value / peer_value; figures are medians of the windows.
"""

import asyncio
import json
import os
import re
import signal
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from media.client.lightpeer import LightPublisher
from media.client.offer import VIDEO
from media.packets.rtp import RtpPacket
from media.transport.dtls import SharedCertificate
from tests.bench.janus import JANUS, rtp_socket, running_janus
from tests.bench.processor import cpu_seconds
from tests.support.nodes import ROOT
from tests.support.relay import running_relay

VIEWERS, BURST, PAYLOAD = 32, 10, 1150
WINDOW, SETTLE, TURNS = 3.0, 1.1, 5
KEYFRAME_EVERY = 30
Send = Callable[[bytes], None]


@dataclass(slots=True)
class Subject:
    """A server under measurement, its viewers' process, and the way into it."""

    name: str
    pid: int
    send: Send
    crowd: "asyncio.subprocess.Process"
    viewers: int

    async def counts(self) -> list[int]:
        """Return what each viewer has received."""
        assert self.crowd.stdin is not None
        assert self.crowd.stdout is not None
        self.crowd.stdin.write(b"\n")
        return list(json.loads(await self.crowd.stdout.readline()))


async def crowd_of(order: dict[str, Any]) -> "asyncio.subprocess.Process":
    """Start the viewers and wait until all are in."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.crowd"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order).encode() + b"\n")
    ready = await asyncio.wait_for(process.stdout.readline(), 60)
    assert ready.strip() == b"ready", "the viewers did not get in"
    return process


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
        frame = Frames(publisher.send_rtp)
        frame.send_burst()  # a source, so that plain viewers are let in
        tickets = [relay.mint.view("bench", f"room:{number}") for number in range(viewers)]
        places = [[relay.url, "bench", ticket] for ticket in tickets]
        crowd = await crowd_of({"kind": "ours", "places": places, "profile": profile})
        stack.callback(crowd.kill)
        yield Subject("ours", relay.pid, publisher.send_rtp, crowd, viewers)


@asynccontextmanager
async def janus(profile: str, viewers: int) -> AsyncIterator[Subject]:
    """Janus's streaming plugin, fed with plain RTP."""
    async with running_janus() as server:
        sender = rtp_socket(server)
        order = {"kind": "janus", "places": [server.url] * viewers, "profile": profile}
        crowd = await crowd_of(order)
        try:
            yield Subject("janus", server.pid, sender.send, crowd, viewers)  # type: ignore[arg-type]
        finally:
            crowd.kill()
            sender.close()


class Frames:
    """Synthetic H.264: frames of BURST packets, a keyframe every KEYFRAME_EVERY frames."""

    def __init__(self, send: Send) -> None:
        self.sent = 0
        self._send = send
        self._filling = os.urandom(PAYLOAD - 1)

    def send_burst(self) -> None:
        frame = self.sent // BURST
        for index in range(BURST):
            first = b"\x65" if frame % KEYFRAME_EVERY == 0 and index == 0 else b"\x41"
            last = index == BURST - 1
            packet = RtpPacket(
                last, VIDEO, self.sent & 0xFFFF, 3000 * frame & 0xFFFFFFFF, 7, first + self._filling
            )
            self._send(packet.pack())
            self.sent += 1

    async def keep_sending(self, rate: int) -> None:
        """Send `rate` packets a second until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.send_burst()
            due += BURST / rate
            await asyncio.sleep(max(0.0, due - loop.time()))


async def window(subject: Subject, frames: Frames, rate: int, reading: bool) -> float:
    """Return CPU seconds a forwarded packet over one window."""
    sending = asyncio.create_task(frames.keep_sending(rate))
    await asyncio.sleep(SETTLE if reading else 0.3)
    if not reading:
        subject.crowd.send_signal(signal.SIGSTOP)
        await asyncio.sleep(SETTLE)
    cpu, sent = cpu_seconds(subject.pid), frames.sent
    await asyncio.sleep(WINDOW)
    cpu, sent = cpu_seconds(subject.pid) - cpu, frames.sent - sent
    if not reading:
        subject.crowd.send_signal(signal.SIGCONT)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await asyncio.sleep(0.5)
    return cpu / (sent * subject.viewers)


async def check_delivery(subject: Subject, frames: Frames, rate: int) -> None:
    """Every viewer gets what is sent, before anything is measured."""
    sending = asyncio.create_task(frames.keep_sending(rate))
    await asyncio.sleep(1.2 + KEYFRAME_EVERY * BURST / rate)  # all begin with a keyframe
    before = await subject.counts()
    await asyncio.sleep(1.5)
    sending.cancel()
    await asyncio.sleep(0.5)
    got = [new - old for new, old in zip(await subject.counts(), before, strict=True)]
    assert min(got) > 0.9 * rate, f"{subject.name}: some viewers got {min(got)} packets of {rate}"


async def compare(profile: str, rate: int, reading: bool = False) -> None:
    """Measure both in turn and print one line."""
    async with AsyncExitStack() as stack:
        subjects = [await stack.enter_async_context(our_node(profile, VIEWERS))]
        if JANUS is not None:
            subjects.append(await stack.enter_async_context(janus(profile, VIEWERS)))
        sources = {subject.name: Frames(subject.send) for subject in subjects}
        costs: dict[str, list[float]] = {subject.name: [] for subject in subjects}
        for subject in subjects:
            await check_delivery(subject, sources[subject.name], rate)
        for _turn in range(TURNS):
            for subject in subjects:
                cost = await window(subject, sources[subject.name], rate, reading)
                costs[subject.name].append(1e6 * cost)
    ours = statistics.median(costs["ours"])
    peer = statistics.median(costs["janus"]) if "janus" in costs else None
    line(
        "forward_cpu_per_packet",
        ours,
        peer,
        f"{profile.upper()}, {VIEWERS} viewers {'reading' if reading else 'stopped'}, "
        f"{rate} packets/s in frames of {BURST}, {PAYLOAD + 12} octets, median of {TURNS}",
    )


def line(name: str, value: float, peer: float | None, load: str, unit: str = "us") -> None:
    """Print one result."""
    result = {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "peer": "Janus 1.1.2 streaming plugin" if peer is not None else None,
        "peer_value": round(peer, 2) if peer is not None else None,
        "ratio": round(value / peer, 3) if peer is not None else None,
        "load": load,
    }
    print(json.dumps(result), flush=True)


async def main() -> None:
    """Measure and print."""
    if JANUS is None:
        print("janus is not here (apt-get install janus): no peer", file=sys.stderr)
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for profile in ("gcm", "cm"):
        for rate in (300, 1500):
            if re.match(wanted, f"{profile}{rate}"):
                await compare(profile, rate)
    if not wanted:
        await compare("gcm", 300, reading=True)


if __name__ == "__main__":
    asyncio.run(main())
