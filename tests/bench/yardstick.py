"""`python -m tests.bench.yardstick`: joins and forwarded packets beside aiortc's MediaRelay.

MediaRelay is aiortc's documented way to send one source to many: it decodes the source once and
encodes it anew for every viewer, so that it bears only a few of them. Both relays get the same
through WHIP, have the same viewers through WHEP, and take turns. Each sends as many packets as it
makes of the picture; the load tells how many those are.
"""

import asyncio
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from media.client.session.address import StageAddress
from media.client.session.publisher import Publisher
from media.client.session.viewer import Viewer
from media.transport.dtls import SharedCertificate
from tests.bench.report import Peer, line, note
from tests.bench.sources import PICTURE, Program, picture_of
from tests.bench.subjects import (
    MEDIA_RELAY,
    STAGE,
    Subject,
    crowd_of,
    media_relay,
    our_node,
    our_relay,
    publishing,
)
from tests.bench.windows import Cost, reading, taking_turns, windows
from tests.support.clips import clip
from tests.support.lightpeer import LightViewer
from tests.support.waiting import until

JOINS, VIEWERS, TURNS = 7, 4, 5
CLIP = "H.264 1280x720 20/s 1 Mbit/s, a keyframe a second, and Opus"
UNEVEN = 0.13
"""Seconds between two joins: another moment of the second between two keyframes."""

WhereTo = Callable[[], StageAddress]
Join = Callable[[aiohttp.ClientSession, StageAddress], Awaitable[float]]


async def to_first_packet(http: aiohttp.ClientSession, place: StageAddress) -> float:
    """Return milliseconds from showing the ticket to the first media packet."""
    clock = asyncio.get_running_loop().time
    viewer = LightViewer(http, place, SharedCertificate.generateCertificate())
    began = clock()
    await viewer.start()
    await until(lambda: viewer.first_packet_at is not None, 10, "a first packet")
    await viewer.close()
    assert viewer.first_packet_at is not None
    return 1e3 * (viewer.first_packet_at - began)


async def to_first_frame(http: aiohttp.ClientSession, place: StageAddress) -> float:
    """Return milliseconds from showing the ticket to the first decoded picture."""
    began = asyncio.get_running_loop().time()
    viewer = Viewer(http, place, slots=False)
    await viewer.start()
    await until(lambda: viewer.video.first_at is not None, 15, "a first picture")
    await viewer.close()
    assert viewer.video.first_at is not None
    return 1e3 * (viewer.video.first_at - began)


async def joins() -> None:
    """Join ours and theirs in turn, one viewer at a time."""
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(our_relay())
        _pid, theirs = await stack.enter_async_context(media_relay())
        http = await stack.enter_async_context(aiohttp.ClientSession())
        for place in (relay.publish_place(STAGE), theirs):
            publisher = Publisher(http, place, clip())
            await publisher.start()
            stack.push_async_callback(publisher.close)
        await asyncio.sleep(1.5)
        places: list[WhereTo] = [lambda: relay.view_place(STAGE), lambda: theirs]
        kinds: list[tuple[str, Join]] = [
            ("join_first_packet", to_first_packet),
            ("join_first_frame", to_first_frame),
        ]
        for name, join in kinds:
            times: list[list[float]] = [[], []]
            for _turn in range(JOINS):
                for where, mine in zip(places, times, strict=True):
                    mine.append(await join(http, where()))
                    await asyncio.sleep(UNEVEN)
            line(name, "ms", times[0], f"one viewer at a time, {CLIP}", Peer(MEDIA_RELAY, times[1]))


@asynccontextmanager
async def their_node() -> AsyncIterator[Subject]:
    """MediaRelay with a publisher and viewers."""
    async with media_relay() as (pid, place), publishing(place) as send:
        places = [[place.node, place.stage, place.ticket]] * VIEWERS
        order = {"kind": "feedback", "places": places, "profile": "gcm"}
        async with crowd_of(order) as crowd:
            yield Subject(MEDIA_RELAY, pid, send, crowd)


def rate(costs: list[Cost]) -> float:
    return statistics.median(cost.rate for cost in costs)


async def forwarding() -> None:
    """Forward the film with both in turn, to viewers that read and give feedback."""
    async with our_node("gcm", VIEWERS, "feedback") as ours, their_node() as theirs:
        programs = [Program(picture_of(one.send)) for one in (ours, theirs)]
        for program in programs:
            await program.play(2.0)
        mine, peers = await taking_turns(windows(reading, [ours, theirs], programs), TURNS)
    assert all(cost.packets for cost in peers), f"{MEDIA_RELAY} sends nothing"
    load = f"GCM, {VIEWERS} viewers reading, {PICTURE}; {rate(mine):.0f} packets/s, "
    load += f"peer {rate(peers):.0f}"
    costs = Peer(MEDIA_RELAY, [cost.microseconds for cost in peers])
    line("forward_cpu_per_packet", "us", [cost.microseconds for cost in mine], load, costs, 1)
    shares = Peer(MEDIA_RELAY, [cost.share for cost in peers])
    line("forward_cpu_share", "% of a core", [cost.share for cost in mine], load, shares)


async def main() -> None:
    """Measure and print."""
    note(f"beside {MEDIA_RELAY}: joins")
    await joins()
    note(f"beside {MEDIA_RELAY}: forwarding")
    await forwarding()


if __name__ == "__main__":
    asyncio.run(main())
