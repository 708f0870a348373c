"""`python -m tests.bench`: what a join and a forwarded packet cost, beside aiortc's MediaRelay.

One JSON object a line: {"name", "value", "unit", "peer", "peer_value", "ratio", "load"}. `ratio`
is value / peer_value: below one we are better. Where nothing compares, the peer's fields are
null. Both relays run here and now, one after the other, with the same source and the same viewers;
read the ratios, for the absolute figures are those of the machine. Progress goes to stderr.
"""

import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from media.client.lightpeer import LightViewer
from media.client.place import Place
from media.client.publisher import Publisher
from media.client.viewer import Viewer
from media.transport.dtls import SharedCertificate
from tests.bench.processor import cpu_seconds
from tests.support.clips import clip
from tests.support.relay import ROOT, running_relay
from tests.support.waiting import until

JOINS, VIEWERS, CROWD, SECONDS = 9, 4, 40, 8.0
SOURCE = "H.264 1280x720 20/s 1 Mbit/s and Opus"
PEER = "aiortc MediaRelay"
CERTIFICATE = SharedCertificate.generateCertificate()


@dataclass(frozen=True, slots=True)
class Subject:
    """A relay under measurement; `place` gives where a viewer of this name goes."""

    pid: int
    publish: Place
    place: Callable[[str], Place]


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU of the relay process a packet (s), packets a second, and its share of a core."""

    per_packet: float
    packet_rate: float
    share: float


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@asynccontextmanager
async def our_node() -> AsyncIterator[Subject]:
    with tempfile.TemporaryDirectory() as folder:
        async with running_relay(Path(folder)) as relay:
            yield Subject(
                relay.pid,
                relay.publish_place("bench"),
                lambda name: relay.view_place("bench", f"room:{name}"),
            )


@asynccontextmanager
async def media_relay() -> AsyncIterator[Subject]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.mediarelay"), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 15))
    place = Place(f"http://127.0.0.1:{ready['http_port']}", "bench", "none")
    try:
        yield Subject(ready["pid"], place, lambda _name: place)
    finally:
        process.terminate()
        await process.wait()


async def join_to_first_packet(http: aiohttp.ClientSession, subject: Subject, name: str) -> float:
    """Return seconds from showing the ticket to the first media packet."""
    viewer = LightViewer(http, subject.place(name), CERTIFICATE)
    began = asyncio.get_running_loop().time()
    await viewer.start()
    await until(lambda: viewer.first_packet_at is not None, 10, "a first packet")
    await viewer.close()
    assert viewer.first_packet_at is not None
    return viewer.first_packet_at - began


async def join_to_first_frame(http: aiohttp.ClientSession, subject: Subject, name: str) -> float:
    """Return seconds from showing the ticket to the first decoded picture."""
    began = asyncio.get_running_loop().time()
    viewer = Viewer(http, subject.place(name), slots=False)
    await viewer.start()
    await until(lambda: viewer.sight.first_at is not None, 15, "a first picture")
    await viewer.close()
    assert viewer.sight.first_at is not None
    return viewer.sight.first_at - began


async def median_join(
    measure: Callable[[aiohttp.ClientSession, Subject, str], "asyncio.Future[float]"],
    http: aiohttp.ClientSession,
    subject: Subject,
) -> float:
    times = []
    for number in range(JOINS):
        times.append(await measure(http, subject, f"{measure.__name__}-{number}"))
        await asyncio.sleep(0.13)  # another moment of the second between two keyframes
    return statistics.median(times)


async def cost_of_forwarding(http: aiohttp.ClientSession, subject: Subject, viewers: int) -> Cost:
    """Measure the relay's process over SECONDS while `viewers` receive everything."""
    clock = asyncio.get_running_loop().time
    crowd = [LightViewer(http, subject.place(f"crowd-{n}"), CERTIFICATE) for n in range(viewers)]
    for viewer in crowd:
        await viewer.start()
    await until(lambda: all(len(v.packets) == 2 for v in crowd), 20, "sound and picture for all")
    await asyncio.sleep(1)

    def received() -> int:
        return sum(sum(viewer.packets.values()) for viewer in crowd)

    packets, cpu, began = received(), cpu_seconds(subject.pid), clock()
    await asyncio.sleep(SECONDS)
    packets, cpu, took = received() - packets, cpu_seconds(subject.pid) - cpu, clock() - began
    await asyncio.gather(*(viewer.close() for viewer in crowd))
    return Cost(cpu / packets, packets / took, cpu / took)


@dataclass(frozen=True, slots=True)
class Measured:
    first_packet: float
    first_frame: float
    cost: Cost


async def measure(http: aiohttp.ClientSession, subject: Subject) -> Measured:
    """Take every figure that both relays have, with one publisher."""
    publisher = Publisher(http, subject.publish, clip())
    await publisher.start()
    await asyncio.sleep(1.5)
    found = Measured(
        await median_join(join_to_first_packet, http, subject),
        await median_join(join_to_first_frame, http, subject),
        await cost_of_forwarding(http, subject, VIEWERS),
    )
    await publisher.close()
    return found


def line(
    name: str, unit: str, value: float, peer: float | None, load: str, digits: int = 1
) -> None:
    """Print one result."""
    result = {
        "name": name,
        "value": round(value, digits),
        "unit": unit,
        "peer": PEER if peer is not None else None,
        "peer_value": round(peer, digits) if peer is not None else None,
        "ratio": round(value / peer, 4) if peer is not None else None,
        "load": load,
    }
    print(json.dumps(result), flush=True)


async def crowded(http: aiohttp.ClientSession) -> Cost:
    """Measure our node with as many viewers as a county event in a hall has."""
    async with our_node() as subject:
        publisher = Publisher(http, subject.publish, clip())
        await publisher.start()
        cost = await cost_of_forwarding(http, subject, CROWD)
        await publisher.close()
    return cost


async def main() -> None:
    """Measure and print."""
    clip()
    async with aiohttp.ClientSession() as http:
        note("our node")
        async with our_node() as subject:
            ours = await measure(http, subject)
        note(PEER)
        async with media_relay() as subject:
            theirs = await measure(http, subject)
        note(f"our node with {CROWD} viewers")
        many = await crowded(http)
    joins = f"median of {JOINS} joins, one at a time, {SOURCE}"
    line("join_first_packet", "ms", 1e3 * ours.first_packet, 1e3 * theirs.first_packet, joins)
    line("join_first_frame", "ms", 1e3 * ours.first_frame, 1e3 * theirs.first_frame, joins)
    load = (
        f"{VIEWERS} viewers, {SECONDS:.0f} s, {SOURCE}; "
        f"{ours.cost.packet_rate:.0f} packets/s, peer {theirs.cost.packet_rate:.0f}"
    )
    line(
        "relay_cpu_per_packet",
        "us",
        1e6 * ours.cost.per_packet,
        1e6 * theirs.cost.per_packet,
        load,
    )
    line("relay_cpu_share", "% of a core", 100 * ours.cost.share, 100 * theirs.cost.share, load)
    load = f"{CROWD} viewers, {SECONDS:.0f} s, {SOURCE}; {many.packet_rate:.0f} packets/s"
    line("relay_cpu_per_packet_crowd", "us", 1e6 * many.per_packet, None, load)
    line("relay_cpu_share_crowd", "% of a core", 100 * many.share, None, load)


if __name__ == "__main__":
    asyncio.run(main())
