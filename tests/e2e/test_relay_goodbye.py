"""How streams end: BYE (RFC 3550 section 6.6), lost consent (RFC 7675), the end of a lesson."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiortc import MediaStreamTrack

from media.client.clip.clip import Clip
from media.client.lesson.stage_socket import StageView, follow_stage
from media.client.session.peer import accept_answer, local_offer, new_peer, prefer_h264
from media.client.session.resource import post_offer
from media.client.session.tracks import tracks_of
from media.client.session.viewer import Viewer
from media.clock import wall
from media.contract.messages import Report
from media.contract.tickets import TicketRole
from media.node.session.timeouts import CONSENT_TIMEOUT
from media.packets import rtcp
from tests.support.clips import clip
from tests.support.flash_beep import film
from tests.support.relay import RelayProcess
from tests.support.scripted import ScriptedPublisher, WritingViewer
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

AT_ONCE = 1.0
"""Seconds: far below what silence (5 s) and lost consent (30 s) would take."""


@asynccontextmanager
async def watched(http: aiohttp.ClientSession, relay: RelayProcess) -> AsyncIterator[StageView]:
    """What a host's stage WebSocket tells meanwhile."""
    view = StageView()
    place = relay.view_place("l1", "person:host", role=TicketRole.HOST)
    task = asyncio.create_task(follow_stage(http, place, Report, view))
    await until(view.welcomed.is_set, 5, "the welcome")
    yield view
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def ends(relay: RelayProcess, http: aiohttp.ClientSession) -> list[tuple[str, str]]:
    """Return who left and why, as the journal tells."""
    records = await relay.records(http)
    return [(r["subject"], r["data"]["reason"]) for r in records if r["kind"] == "peer_left"]


async def bare_publisher(http: aiohttp.ClientSession, relay: RelayProcess, film: Clip) -> Any:
    """Return a connected aiortc peer that publishes, with nobody who would DELETE its session."""
    peer = new_peer()
    tracks: tuple[MediaStreamTrack, ...] = tracks_of(film)
    for track in tracks:
        peer.addTransceiver(track, direction="sendonly")
    prefer_h264(peer)
    place = relay.publish_place("l1")
    endpoint = f"{place.node}/whip/{place.stage}"
    resource = await post_offer(http, endpoint, place.ticket, await local_offer(peer))
    await accept_answer(peer, resource.answer)
    await until(lambda: peer.connectionState == "connected", 8, "the publisher to connect")
    return peer


async def test_a_publisher_that_says_goodbye_is_gone_at_once(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    async with watched(client_http, relay) as view:
        publisher = await bare_publisher(client_http, relay, clip())
        await until(lambda: view.sources.get("main", False), 5, "the source to be told")
        await until(lambda: len(view.roster) == 1, 3, "the publisher on the roster")
        await asyncio.sleep(0.5)
        await publisher.close()  # aiortc sends a BYE for each stream
        await until(lambda: not view.sources["main"], AT_ONCE, "the end of the source to be told")
        await until(lambda: view.roster == (), 2.5, "an empty roster")
    assert await ends(relay, client_http) == [("room:host", "bye")]


async def test_one_stream_may_say_goodbye_and_come_back(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = ScriptedPublisher(client_http, relay.publish_place("l1"), film("H264"), {})
    await publisher.start()
    await asyncio.sleep(0.3)
    viewer = WritingViewer(client_http, relay.view_place("l1"))
    await viewer.start()
    await until(lambda: len(viewer.packets_of("video")) > 100, 8, "pictures")
    report = rtcp.pack_receiver_report(1, [])
    publisher.send_rtcp(report + rtcp.pack_bye([publisher.numbers["video"].ssrc]))
    heard = len(viewer.packets_of("audio"))
    await until(lambda: len(viewer.packets_of("audio")) > heard + 10, 3, "what was on its way")
    seen, heard = len(viewer.packets_of("video")), len(viewer.packets_of("audio"))
    await until(lambda: len(viewer.packets_of("audio")) > heard + 25, 3, "sound all the same")
    assert len(viewer.packets_of("video")) < seen + 20
    await until(lambda: len(viewer.packets_of("video")) > seen + 150, 8, "pictures again")
    viewer.check_continuous("video")
    assert await ends(relay, client_http) == []
    publisher.send_rtcp(report + rtcp.pack_bye([n.ssrc for n in publisher.numbers.values()]))
    await until(publisher.lost.is_set, AT_ONCE, "the publisher to be let go")
    assert await ends(relay, client_http) == [("room:host", "bye")]
    await publisher.close()
    await viewer.close()


async def test_a_viewer_that_says_goodbye_is_gone_at_once(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = ScriptedPublisher(client_http, relay.publish_place("l1"), film("H264"), {})
    await publisher.start()
    viewer = WritingViewer(client_http, relay.view_place("l1"))
    await viewer.start()
    await until(lambda: bool(viewer.packets_of("audio")), 5, "sound")
    viewer.send_rtcp(rtcp.pack_receiver_report(7, []) + rtcp.pack_bye([7]))
    await until(viewer.lost.is_set, AT_ONCE, "the viewer to be let go")
    assert await ends(relay, client_http) == [("room:leg", "bye")]
    await viewer.close()
    await publisher.close()


async def test_the_end_of_a_lesson_is_a_goodbye_for_every_stream(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = ScriptedPublisher(client_http, relay.publish_place("l1"), film("H264"), {})
    await publisher.start()
    writing = WritingViewer(client_http, relay.view_place("l1", "room:writing"))
    terminal = Viewer(client_http, relay.view_place("l1"), slots=False)
    for viewer in (writing, terminal):
        await viewer.start()
    await until(lambda: terminal.video.frames > 10, 8, "pictures")
    body = {"reason": "over", "until": wall() + 60}
    await relay.control(client_http, "POST", "/stages/l1/close", body)
    await until(writing.lost.is_set, AT_ONCE, "the end of the session")
    await until(terminal.lost.is_set, AT_ONCE, "the end of aiortc's session")
    (bye,) = [item for item in writing.items if isinstance(item, rtcp.Bye)]
    assert writing.answer is not None
    assert set(writing.answer.ssrcs) < set(bye.ssrcs)
    for peer in (writing, terminal, publisher):
        await peer.close()


async def test_who_vanishes_is_given_up_when_its_consent_ends_and_dated_by_its_last_packet(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = ScriptedPublisher(client_http, relay.publish_place("l1"), film("H264"), {})
    await publisher.start()
    await asyncio.sleep(1)
    vanishing = wall()
    await publisher.vanish()
    vanished = wall()
    await until(publisher.lost.is_set, CONSENT_TIMEOUT + 1, "the node to give the publisher up")
    records = await relay.records(client_http)
    (silent,) = [r for r in records if r["kind"] == "peer_silent"]
    (left,) = [r for r in records if r["kind"] == "peer_left"]
    assert left["data"]["reason"] == "lost"
    assert vanishing - 0.3 < left["data"]["last_heard"] < vanished + 0.3
    assert silent["data"]["last_heard"] == left["data"]["last_heard"]
    assert left["wall"] - left["data"]["last_heard"] <= CONSENT_TIMEOUT
    await publisher.close()
