"""Real publishers and viewers over a real node: pictures move, the tone is heard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from media.client.lightpeer import LightViewer
from media.client.publisher import Publisher
from media.client.viewer import Viewer
from media.transport.dtls import SharedCertificate
from tests.support.clips import clip
from tests.support.relay import RelayProcess, running_relay

pytestmark = pytest.mark.e2e


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RelayProcess]:
    async with running_relay(tmp_path / "node") as process:
        yield process


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until `holds`; fail with `what` after `seconds`."""
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    while not holds():
        if clock() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("slots", [False, True], ids=["plain", "multi-slot"])
async def test_a_viewer_sees_changing_pictures_and_hears_the_tone(
    relay: RelayProcess, http: aiohttp.ClientSession, slots: bool
) -> None:
    publisher = Publisher(http, relay.publish_place("l1"), clip())
    await publisher.start()
    viewer = Viewer(http, relay.view_place("l1"), slots=slots)
    await viewer.start()
    await until(lambda: viewer.sight.frames > 60, 10, "60 decoded pictures")
    assert viewer.sight.changed > 50
    assert (viewer.sight.width, viewer.sight.height) == (1280, 720)
    assert viewer.hearing.tone_share(440) > 0.8
    assert 0.02 < viewer.report().audio_level < 0.15
    assert viewer.others["screen"].frames == viewer.others["guest"].frames == 0
    await viewer.close()
    await publisher.close()
