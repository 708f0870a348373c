"""Real publishers and viewers over a real node: pictures move, the tone is heard."""

import asyncio
from statistics import median

import aiohttp
import pytest

from media.client.session.publisher import Publisher
from media.client.session.viewer import Viewer
from tests.support.clips import clip
from tests.support.lossy import LossyPath
from tests.support.relay import RelayProcess
from tests.support.standstill import Stopwatch
from tests.support.waiting import until

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("slots", [False, True], ids=["plain", "multi-slot"])
async def test_a_viewer_sees_changing_pictures_and_hears_the_tone(
    relay: RelayProcess, client_http: aiohttp.ClientSession, slots: bool
) -> None:
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    viewer = Viewer(client_http, relay.view_place("l1"), slots=slots)
    await viewer.start()
    await until(lambda: viewer.video.frames > 100, 15, "100 decoded pictures")
    assert viewer.video.changed > 90
    assert (viewer.video.width, viewer.video.height) == (1280, 720)
    assert viewer.audio.tone_share(440) > 0.8
    assert 0.02 < viewer.report().audio_level < 0.15
    assert viewer.others["screen"].frames == viewer.others["guest"].frames == 0
    await viewer.close()
    await publisher.close()


async def test_a_multi_slot_viewer_waits_on_an_empty_stage_and_then_sees(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    viewer = Viewer(client_http, relay.view_place("l1"))
    await viewer.start()
    await asyncio.sleep(1.5)
    assert viewer.video.frames == 0
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    await until(lambda: viewer.video.frames > 0, 2.5, "a first picture")
    await viewer.close()
    await publisher.close()


async def test_a_newer_publisher_takes_the_place_and_viewers_go_on(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    older = Publisher(client_http, relay.publish_place("l1"), clip("blue"))
    await older.start()
    viewer = Viewer(client_http, relay.view_place("l1"))
    await viewer.start()
    await until(lambda: viewer.video.frames > 20, 10, "pictures of the older publisher")
    newer = Publisher(client_http, relay.publish_place("l1", "room:spare"), clip("amber"))
    await newer.start()
    seen = viewer.video.frames
    await until(lambda: viewer.video.frames > seen + 60, 8, "pictures of the newer publisher")
    assert viewer.audio.tone_share(660) > 0.8
    assert viewer.audio.tone_share(440) < 0.05
    await until(older.lost.is_set, 5, "the older publisher to hear of its end")
    records = await relay.records(client_http)
    (taken,) = [record for record in records if record["kind"] == "taken_over"]
    peers = {r["subject"]: r["peer"] for r in records if r["kind"] == "peer_connected"}
    assert (taken["subject"], taken["peer"]) == ("room:host", peers["room:host"])
    assert taken["data"] == {"by": peers["room:spare"]}
    left = [r["subject"] for r in records if r["kind"] == "peer_left"]
    assert left == ["room:host"]
    for peer in (viewer, older, newer):
        await peer.close()


async def test_a_path_that_loses_packets_is_repaired_by_retransmission(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    async with LossyPath(relay.udp_port, share=0.03, seed=7) as path:
        viewer = Viewer(client_http, relay.view_place("l1"), answer_filter=path.lead_over)
        await viewer.start()
        await until(lambda: viewer.video.frames > 20, 15, "a first second of pictures")
        before, watch = viewer.video.frames, Stopwatch()
        shares = []
        for _ in range(16):
            await asyncio.sleep(0.5)
            shares.append(viewer.audio.tone_share(440))
        rate = (viewer.video.frames - before) / (watch.seconds - watch.stood_still)
        assert path.dropped > 10
        assert rate > 18, f"{rate:.1f} pictures a second of 20, {path.dropped} packets dropped"
        assert median(shares) > 0.6, shares  # of half a second each: one may hold two gaps
        await viewer.close()
    await publisher.close()
