"""A source that restarts, jumps or takes other numbers reaches viewers as one continuous stream."""

import asyncio
from itertools import pairwise

import aiohttp
import pytest

from media.client.session.viewer import Viewer
from media.packets import rtcp
from media.packets.sequence import timestamp_distance
from media.packets.vp8 import read_descriptor
from tests.support.flash_beep import film
from tests.support.relay import RelayProcess
from tests.support.scripted import CLOCKS, ScriptedPublisher, WritingViewer
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

OTHER = {"H264": "VP8", "VP8": "H264"}
A_WHILE = 30
"""Pictures between two events: a second and a half."""


async def publishing(
    http: aiohttp.ClientSession, relay: RelayProcess, codec: str, subject: str = "room:host"
) -> ScriptedPublisher:
    publisher = ScriptedPublisher(http, relay.publish_place("l1", subject), film(codec), {})
    await publisher.start()
    return publisher


async def pictures_go_on(terminal: Viewer, writing: WritingViewer, codec: str, what: str) -> None:
    """Wait until some more pictures have come to one viewer and were decoded by the other."""
    seen, came = terminal.video.frames, writing.pictures(codec)
    await until(
        lambda: min(terminal.video.frames - seen, writing.pictures(codec) - came) >= A_WHILE,
        12,
        f"pictures {what}",
    )


def undecoded(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what aiortc's decoders complained of.

    Of one codec only: aiortc 1.16 hands the last pictures of one to the decoder of the next.
    """
    return [r.getMessage() for r in caplog.records if "failed to decode" in r.getMessage()]


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_viewers_see_one_stream_whatever_the_publisher_does(
    relay: RelayProcess,
    client_http: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
    codec: str,
) -> None:
    publisher = await publishing(client_http, relay, codec)
    await asyncio.sleep(0.3)
    writing = WritingViewer(client_http, relay.view_place("l1", "room:writing"))
    await writing.start()
    choosy = WritingViewer(client_http, relay.view_place("l1", "room:choosy"))
    choosy.video = ("H264",)
    await choosy.start()
    terminal = Viewer(client_http, relay.view_place("l1"), slots=False)
    await terminal.start()
    await pictures_go_on(terminal, writing, codec, "of the beginning")
    for by in (5_000, 30_000):
        publisher.jump(by)
        await pictures_go_on(terminal, writing, codec, f"behind a jump by {by}")
    publisher.change_ssrc()
    await pictures_go_on(terminal, writing, codec, "under another SSRC")
    restarted = await publishing(client_http, relay, codec)
    await pictures_go_on(terminal, writing, codec, "of the restarted publisher")
    assert undecoded(caplog) == []
    other = await publishing(client_http, relay, OTHER[codec], "room:spare")
    await pictures_go_on(terminal, writing, OTHER[codec], "in another codec")
    back = await publishing(client_http, relay, codec)
    await pictures_go_on(terminal, writing, codec, "in the first codec again")
    for kind in ("video", "audio"):
        writing.check_continuous(kind)
    assert len({packet.payload_type for packet in writing.packets_of("video")}) == 2
    choosy.check_continuous("video", longest=30)  # not while VP8 is published
    assert len({packet.payload_type for packet in choosy.packets_of("video")}) == 1
    check_picture_ids(writing)
    check_clock(writing)
    for peer in (publisher, restarted, other, back, writing, choosy, terminal):
        await peer.close()


def check_picture_ids(viewer: WritingViewer) -> None:
    """Fail unless VP8's picture ids and TL0PICIDX count on by one a picture, over all sources."""
    pictures: dict[int, tuple[int, int]] = {}
    for packet in viewer.packets_of("video"):
        if packet.payload_type == 96:
            found = read_descriptor(packet.payload)
            assert found is not None
            at = found.picture_id_at
            number = int.from_bytes(packet.payload[at : at + 2], "big") % 32_768
            pictures[packet.timestamp] = (number, packet.payload[found.tl0picidx_at])
    numbers = list(pictures.values())
    assert len(numbers) >= A_WHILE
    for (picture, layer), (next_picture, next_layer) in pairwise(numbers):
        assert (next_picture - picture) % 32_768 == (next_layer - layer) % 256 == 1


def check_clock(viewer: WritingViewer) -> None:
    """Fail unless our sender reports draw one line from the first to the last, for each medium."""
    assert viewer.answer is not None
    for kind, reports in zip(viewer.kinds, reports_of(viewer), strict=True):
        assert len(reports) > 6
        first = reports[0]
        for report in reports[1:]:
            seconds = (report.ntp - first.ntp) / 2**32
            ticks = timestamp_distance(report.timestamp, first.timestamp)
            assert abs(seconds - ticks / CLOCKS[kind]) < 0.001


async def test_sound_and_picture_of_every_source_lie_on_one_clock(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    """However late either came: what was captured together is shown together."""
    shown = film("H264")
    viewer = WritingViewer(client_http, relay.view_place("l1"))
    publishers: list[ScriptedPublisher] = []
    for late in ({"video": 0.3}, {"audio": 0.25}, {}):
        publisher = ScriptedPublisher(client_http, relay.publish_place("l1"), shown, late)
        await publisher.start()
        publishers.append(publisher)
        if len(publishers) == 1:
            await asyncio.sleep(0.5)
            await viewer.start()
            await asyncio.sleep(0.5)
            assert min(map(len, reports_of(viewer))) >= 2, "two reports at once for each stream"
        await asyncio.sleep(5)
        skew = clock_of(viewer, "video", shown.pictures[0][0]) - clock_of(
            viewer, "audio", shown.sound[0]
        )
        skew = (skew + 0.5) % 1 - 0.5  # a film of one second, played over and over
        assert abs(skew) < 0.006, f"late by {late}: pictures lie {1000 * skew:.0f} ms late"
    for peer in (viewer, *publishers):
        await peer.close()


def reports_of(viewer: WritingViewer) -> list[list[rtcp.SenderReport]]:
    """Return the sender reports that came for each stream, in order."""
    assert viewer.answer is not None
    sent = [item for item in viewer.items if isinstance(item, rtcp.SenderReport)]
    return [[item for item in sent if item.ssrc == ssrc] for ssrc in viewer.answer.ssrcs]


def clock_of(viewer: WritingViewer, kind: str, payload: bytes) -> float:
    """Return the NTP seconds at which the newest packet with this payload is to be shown."""
    assert viewer.answer is not None
    ssrc = viewer.answer.ssrcs[list(viewer.kinds).index(kind)]
    reports = [i for i in viewer.items if isinstance(i, rtcp.SenderReport) and i.ssrc == ssrc]
    packet = [p for p in viewer.packets_of(kind) if p.payload == payload][-1]
    ticks = timestamp_distance(packet.timestamp, reports[-1].timestamp)
    return reports[-1].ntp / 2**32 + ticks / CLOCKS[kind]
