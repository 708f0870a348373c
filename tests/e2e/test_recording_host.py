"""A recording host is published by the real puller process into a real node; viewers see it."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from media.client.rtsp.rtsp import MEMORY
from media.client.session.address import StageAddress
from media.client.session.viewer import Viewer
from media.clock import wall
from tests.support import badhosts
from tests.support.clips import clip, film
from tests.support.hostsound import Sound, aac_sound, g711_sound, opus_sound
from tests.support.relay import ROOT, RelayProcess
from tests.support.rtsp import RecordingHost
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

PASSWORD = "only-the-host-knows"


class PullerProcess:
    """`python -m media.client.rtsp.rtsp` with its configuration on stdin."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process, self._log = process, log

    def log(self) -> str:
        return self._log.read_text(errors="replace")


@asynccontextmanager
async def pulling(folder: Path, source: str, place: StageAddress) -> AsyncIterator[PullerProcess]:
    body = {"source": source, "stage": place.stage, "ticket": place.ticket, "nodes": [place.node]}
    log = folder / "puller.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "media.client.rtsp", "--config", "-"),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
        )
    assert process.stdin is not None
    process.stdin.write(json.dumps(body).encode())
    process.stdin.close()
    try:
        yield PullerProcess(process, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@asynccontextmanager
async def viewing(http: aiohttp.ClientSession, relay: RelayProcess) -> AsyncIterator[Viewer]:
    viewer = Viewer(http, relay.view_place("l1"))
    await viewer.start()
    try:
        yield viewer
    finally:
        await viewer.close()


@asynccontextmanager
async def pulled(
    host: RecordingHost, http: aiohttp.ClientSession, relay: RelayProcess, folder: Path
) -> AsyncIterator[tuple[Viewer, PullerProcess]]:
    """A host that is on, a viewer of its lesson, and the puller between them."""
    async with (
        host,
        viewing(http, relay) as viewer,
        pulling(folder, host.address, relay.publish_place("l1")) as puller,
    ):
        yield viewer, puller


SOUNDS = {
    "aac": aac_sound,
    "opus": opus_sound,
    "pcmu": g711_sound("pcmu"),
    "pcma": g711_sound("pcma"),
}


@pytest.mark.parametrize("sound_of", SOUNDS.values(), ids=SOUNDS)
async def test_a_host_is_seen_and_heard_and_its_password_is_told_to_nobody(
    relay: RelayProcess,
    client_http: aiohttp.ClientSession,
    tmp_path: Path,
    sound_of: Callable[[object], Sound],
) -> None:
    host = RecordingHost(clip(), sound_of(clip()), "teacher", PASSWORD)
    async with pulled(host, client_http, relay, tmp_path) as (viewer, puller):
        await until(lambda: viewer.video.frames > 60, 20, lambda: f"60 pictures; {puller.log()}")
        assert viewer.video.changed > 50
        assert (viewer.video.width, viewer.video.height) == (1280, 720)
        await until(lambda: viewer.audio.tone_share(440) > 0.8, 5, "the tone")
        arguments = Path(f"/proc/{puller.process.pid}/cmdline").read_text()
        puller.process.terminate()
        assert await asyncio.wait_for(puller.process.wait(), 5) == 0
        await until(lambda: "TEARDOWN" in host.requests, 2, "a goodbye to the host")
        assert "connected: H.264 1280x720" in puller.log()
        for text in (puller.log(), arguments):
            assert PASSWORD not in text
            assert "teacher" not in text


async def test_viewers_go_on_when_the_host_comes_back(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    host = RecordingHost(clip(), aac_sound(clip()))
    async with pulled(host, client_http, relay, tmp_path) as (viewer, puller):
        await until(lambda: viewer.video.frames > 40, 20, "pictures of the host")
        await host.stop()
        await asyncio.sleep(5)
        seen, changed, heard = viewer.video.frames, viewer.video.changed, viewer.audio.frames
        await host.start()
        await until(
            lambda: viewer.video.frames > seen + 60, 20, lambda: f"pictures; {puller.log()}"
        )
        assert viewer.video.changed > changed + 50
        await until(lambda: viewer.audio.frames > heard + 60, 5, "sound after the reboot")
        await until(lambda: viewer.audio.tone_share(440) > 0.8, 5, "the tone")
        assert not viewer.lost.is_set()
        joined = [r for r in await relay.records(client_http) if r["kind"] == "peer_connected"]
        assert sorted(r["subject"] for r in joined) == ["room:host", "room:leg"]


async def test_a_host_without_sound_is_seen_and_ends_with_its_lesson(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    host = RecordingHost(clip(), None)
    async with pulled(host, client_http, relay, tmp_path) as (viewer, puller):
        await until(lambda: viewer.video.frames > 40, 20, lambda: f"pictures; {puller.log()}")
        assert viewer.audio.frames == 0
        body = {"reason": "ended", "until": wall() + 60}
        await relay.control(client_http, "POST", "/stages/l1/close", body)
        assert await asyncio.wait_for(puller.process.wait(), 10) == 0
        assert "ended (closed)" in puller.log()


async def test_a_newer_puller_takes_the_place_of_an_older_one_which_ends(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    host = RecordingHost(clip(), None)
    async with pulled(host, client_http, relay, tmp_path) as (viewer, older):
        await until(lambda: viewer.video.frames > 20, 20, lambda: f"pictures; {older.log()}")
        async with pulling(tmp_path, host.address, relay.publish_place("l1")) as newer:
            assert await asyncio.wait_for(older.process.wait(), 15) == 0
            assert "ended (taken-over)" in older.log()
            seen = viewer.video.frames
            await until(lambda: viewer.video.frames > seen + 60, 15, "the newer one's pictures")
            assert newer.process.returncode is None


async def test_a_host_with_b_frames_is_told_what_to_change(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    host = RecordingHost(replace(clip(), video=tuple(film(2))), None)
    async with pulled(host, client_http, relay, tmp_path) as (viewer, puller):
        sentence = "it sends H.264 with B-frames: set them to 0 at the host"
        await until(lambda: sentence in puller.log(), 15, lambda: f"the sentence; {puller.log()}")
        assert viewer.video.changed == 0
        assert "Traceback" not in puller.log()
        assert puller.process.returncode is None  # the host may be set right in the meantime


async def test_a_host_that_sends_gigabytes_gets_no_memory_for_them(
    relay: RelayProcess, tmp_path: Path
) -> None:
    async with badhosts.serving(badhosts.keep_promise) as port:
        address = f"rtsp://127.0.0.1:{port}/live"
        async with pulling(tmp_path, address, relay.publish_place("l1")) as puller:
            await until(lambda: "no connection to the host" in puller.log(), 15, "what is wrong")
            status = Path(f"/proc/{puller.process.pid}/status").read_text()
            (peak,) = (line.split()[1] for line in status.splitlines() if line[:6] == "VmHWM:")
            assert int(peak) * 1024 < MEMORY
            assert puller.process.returncode is None
