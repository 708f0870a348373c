"""What a node tells of its stages and viewers: rates, loss, round trips, requests, costs."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest

from media.client.lightpeer import LightPublisher, LightViewer
from media.packets import rtcp
from media.transport.dtls import SharedCertificate, SrtpError
from tests.support.relay import RelayProcess

pytestmark = pytest.mark.e2e

CERTIFICATE = SharedCertificate.generateCertificate()
VIDEO, SOURCE, NTP = 102, 0x1234, 0xE8A1_2345_6789_ABCD
KEYFRAME = b"\x65" + bytes(999)
DELAY = 0.25


class ReportingViewer(LightViewer):
    """Answers each sender report a while later, as if a quarter of the packets were lost."""

    def _take_rtcp(self, data: bytes) -> None:
        with suppress(SrtpError):
            for item in rtcp.parse_rtcp(self._dtls.unprotect_rtcp(data)):
                if isinstance(item, rtcp.SenderReport):
                    asyncio.get_running_loop().call_later(DELAY, self._answer, item)

    def _answer(self, report: rtcp.SenderReport) -> None:
        since = int(DELAY * 65536)
        last = report.ntp >> 16 & 0xFFFFFFFF
        block = rtcp.ReportBlock(report.ssrc, 64, 5, 0, 900, last, since)
        self.send_rtcp(rtcp.pack_receiver_report(self._ssrc, [block]))


def frame(sequence: int) -> bytes:
    head = struct.pack(">BBHII", 0x80, 0x80 | VIDEO, sequence, 3000 * sequence, SOURCE)
    return head + KEYFRAME


@asynccontextmanager
async def teaching(publisher: LightPublisher) -> AsyncIterator[None]:
    """Publish 50 frames a second; every twentieth is lost on the way."""

    async def send() -> None:
        for sequence in range(1, 10_000):
            if sequence % 20:
                publisher.send_rtp(frame(sequence))
            if sequence % 25 == 1:  # its clock moves on every second report of ours
                report = rtcp.SenderReport(SOURCE, NTP, 3000 * sequence, 1, 1)
                publisher.send_rtcp(rtcp.pack_sender_report(report))
            await asyncio.sleep(0.02)

    sending = asyncio.create_task(send())
    try:
        yield
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_stages_and_viewers_in_figures(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = LightPublisher(client_http, relay.publish_place("l1"), CERTIFICATE)
    viewer = ReportingViewer(client_http, relay.view_place("l1"), CERTIFICATE)
    await publisher.start()
    await viewer.start()

    async def stats() -> dict[str, Any]:
        answer: dict[str, Any] = await relay.control(client_http, "GET", "/stats")
        return answer

    async def measured() -> bool:
        found = (await stats())["stages"]["l1"]["viewers"][0]
        return found["round_trip_time"] is not None and found["bitrate"] > 200_000

    async with teaching(publisher):
        async with asyncio.timeout(10):
            while not await measured():
                await asyncio.sleep(0.2)
        answer = await stats()
        page = await (await client_http.get(f"{relay.url}/metrics")).text()
    _check_stage(answer["stages"]["l1"])
    assert answer["packets_sent"] > 0
    assert answer["packets_dropped"] == 0
    assert 0 < answer["cpu_per_packet"] < 0.1
    _check_metrics(page)
    await viewer.close()
    await publisher.close()


def _check_stage(stage: dict[str, Any]) -> None:
    (track,) = [track for track in stage["tracks"] if track["kind"] == "video"]
    assert (track["slot"], track["codec"], track["viewers"]) == ("main", "H264", 1)
    assert track["packets_lost"] > 0
    assert track["packets_asked"] >= track["packets_lost"] - 1
    assert track["keyframes_asked"] >= 1
    (publisher,) = stage["publishers"]
    assert publisher["subject"] == "room:host"
    assert 200_000 < publisher["bitrate"] < 600_000
    assert publisher["available_bitrate"] > 0
    (viewer,) = stage["viewers"]
    assert viewer["subject"] == "room:leg"
    assert viewer["fraction_lost"] == 0.25
    assert 0 <= viewer["round_trip_time"] < 0.2
    (stream,) = [s for s in viewer["streams"] if s["kind"] == "video"]
    assert (stream["packets_lost"], stream["jitter"]) == (5, 0.01)
    assert stream["pli_count"] >= 1


def _check_metrics(page: str) -> None:
    assert 'tongke_stage_viewers{kind="video",stage="l1"} 1.0' in page
    assert 'tongke_stage_sent_bitrate{stage="l1"}' in page
    assert 'tongke_stage_round_trip_seconds{stage="l1"}' in page
    assert "tongke_cpu_seconds_per_packet " in page
    assert "room:leg" not in page


async def test_a_bit_rate_does_not_depend_on_how_often_it_is_asked_for(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = LightPublisher(client_http, relay.publish_place("l1"), CERTIFICATE)
    await publisher.start()

    async def rate() -> int:
        entries = (await relay.control(client_http, "GET", "/stages"))["stages"]["l1"]
        return int(entries[0]["bitrate"])

    async with teaching(publisher):
        async with asyncio.timeout(10):
            while await rate() < 200_000:
                await asyncio.sleep(0.2)
        rates = [await rate() for _ in range(20)]
    assert min(rates) > 200_000
    assert max(rates) < 600_000
    await publisher.close()
