"""Debian's simple-whip-client (GStreamer's webrtcbin) publishes a lesson."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from media.client.session.viewer import Viewer
from tests.support.endpoint_client import EndpointClient
from tests.support.gstreamer import own_address, what_lacks, whip_client
from tests.support.relay import RelayProcess, running_relay
from tests.support.waiting import until, within

pytestmark = pytest.mark.e2e


@pytest.fixture
async def open_relay(tmp_path: Path) -> AsyncIterator[RelayProcess]:
    """A node that listens on every interface."""
    if lacks := what_lacks():
        pytest.skip(lacks)
    extra = ["--udp-host", "0.0.0.0", "--announce", own_address()]  # noqa: S104
    async with running_relay(tmp_path / "node", extra=extra) as relay:
        yield relay


async def test_gstreamer_publishes_trickles_and_says_goodbye(
    open_relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    endpoints = EndpointClient(client_http, open_relay)
    async with whip_client(open_relay.publish_place("l1"), tmp_path) as log:
        viewer = Viewer(client_http, open_relay.view_place("l1"))
        await viewer.start()
        try:
            await until(
                lambda: viewer.video.changed > 60, 20, lambda: f"60 pictures; {log.read_text()}"
            )
            assert viewer.video.width == 320
            assert viewer.audio.tone_share(440) > 0.8
        finally:
            await viewer.close()
    said = log.read_text()
    assert "end-of-candidates" in said
    assert "ERR" not in said, said
    async with within(3, "nobody is left"):
        while await endpoints.peers():
            await asyncio.sleep(0.1)
