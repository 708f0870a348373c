"""What a node tells of its stages and viewers: rates, loss, round trips, requests, costs."""

import asyncio
import re
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from media.packets import rtcp
from media.transport.dtls import SharedCertificate
from media.transport.srtp import SrtpError
from tests.support.lightpeer import LightPublisher, LightViewer
from tests.support.relay import RelayProcess
from tests.support.waiting import soon, within

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
                    loop = asyncio.get_running_loop()
                    loop.call_later(DELAY, self._answer, item, loop.time())

    def _answer(self, report: rtcp.SenderReport, came: float) -> None:
        since = int((asyncio.get_running_loop().time() - came) * 65536)
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
        await soon(measured, 10, "round trip and rate of the viewer", every=0.2)
        answer = await stats()
        page = await metrics_page(client_http, relay)
    _check_stage(answer["stages"]["l1"])
    assert answer["packets_sent"] > 0
    assert answer["packets_dropped"] == 0
    assert 0 < answer["cpu_per_packet"] < 0.1
    _check_metrics(page, answer["stages"]["l1"]["viewers"][0]["peer"])
    await viewer.close()
    page = await metrics_page(client_http, relay)
    assert read_metrics(page)["tongke_viewer_fraction_lost"] == {}, "who left is no series any more"
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


async def metrics_page(http: aiohttp.ClientSession, relay: RelayProcess) -> str:
    async with http.get(f"{relay.url}/metrics") as response:
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return await response.text()


def read_metrics(page: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Read an exposition strictly: a sentence and a type for each family, every series once."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(page):
        assert re.fullmatch("tongke(_[a-z]+)+", family.name)
        assert family.type in ("counter", "gauge"), family.name
        assert len(family.documentation) > 3, f"{family.name} has no help"
        assert family.name not in found
        series = {tuple(sample.labels.values()): sample.value for sample in family.samples}
        assert len(series) == len(family.samples), f"{family.name} tells a series twice"
        known = {label for sample in family.samples for label in sample.labels}
        assert known <= {"stage", "kind", "viewer", "table"}, "a label without bounds"
        found[family.name] = series
    return found


def _check_metrics(page: str, viewer: str) -> None:
    metrics = read_metrics(page)
    assert metrics["tongke_stage_viewers"] == {("video", "l1"): 1.0}
    assert metrics["tongke_stage_keyframes_asked"]["video", "l1"] >= 1
    assert 200_000 < metrics["tongke_stage_received_bits_per_second"]["l1",] < 600_000
    of_both: dict[str, Callable[[float], bool]] = {
        "sent_bits_per_second": lambda rate: 200_000 < rate < 600_000,
        "fraction_lost": lambda lost: lost == 0.25,
        "round_trip_seconds": lambda trip: 0 <= trip < 0.2,
        "keyframe_requests": lambda asked: asked >= 1,
        "dropped_packets": lambda dropped: dropped == 0,
        "refused_packets": lambda refused: refused == 0,
    }
    for name, fits in of_both.items():
        for series in (metrics[f"tongke_stage_{name}"], metrics[f"tongke_viewer_{name}"]):
            assert all(map(fits, series.values())), f"{name}: {series}"
        assert list(metrics[f"tongke_stage_{name}"]) == [("l1",)]
        assert list(metrics[f"tongke_viewer_{name}"]) == [("l1", viewer[:12])]
    assert 0 < metrics["tongke_cpu_seconds_per_packet"][()] < 0.1
    assert "room:leg" not in page
    assert viewer not in page, "with the whole id a stranger knew the address of the session"


async def test_packets_that_prove_nothing_are_counted_for_who_seems_to_send_them(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = LightPublisher(client_http, relay.publish_place("l1"), CERTIFICATE)
    viewer = LightViewer(client_http, relay.view_place("l1"), CERTIFICATE)
    await publisher.start()
    await viewer.start()
    for sequence in range(1, 4):
        publisher.send_raw(frame(sequence))  # nobody protected it

    async def refused() -> list[int]:
        answer = await relay.control(client_http, "GET", "/stats")
        stage = answer["stages"]["l1"]
        entries = [answer, *stage["publishers"], *stage["viewers"]]
        return [entry["packets_refused"] for entry in entries]

    async with within(10, "three refused packets, of the publisher"):
        while await refused() != [3, 3, 0]:
            await asyncio.sleep(0.1)
    metrics = read_metrics(await metrics_page(client_http, relay))
    assert metrics["tongke_stage_upstream_refused_packets"] == {("l1",): 3.0}
    assert list(metrics["tongke_viewer_refused_packets"].values()) == [0.0]
    await publisher.close()
    async with within(10, "no publisher is left"):
        while read_metrics(await metrics_page(client_http, relay))["tongke_publishers"][()]:
            await asyncio.sleep(0.1)
    metrics = read_metrics(await metrics_page(client_http, relay))
    assert metrics["tongke_refused_packets"] == {(): 3.0}, "a counter that never goes back"
    await viewer.close()


async def test_a_bit_rate_does_not_depend_on_how_often_it_is_asked_for(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = LightPublisher(client_http, relay.publish_place("l1"), CERTIFICATE)
    await publisher.start()

    async def rate() -> int:
        entries = (await relay.control(client_http, "GET", "/stages"))["stages"]["l1"]
        return int(entries[0]["bitrate"])

    async with teaching(publisher):
        async with within(10, "a rate of 200 kbit/s"):
            while await rate() < 200_000:
                await asyncio.sleep(0.2)
        rates = [await rate() for _ in range(20)]
    assert min(rates) > 200_000
    assert max(rates) < 600_000
    await publisher.close()
