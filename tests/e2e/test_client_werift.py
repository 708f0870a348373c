"""werift, a WebRTC stack that shares no line with ours or Chromium's, publishes and watches."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest
from av.bitstream import BitStreamFilterContext

from media.client.clip.clip import VARIANTS, clip_path
from media.client.clip.picture import RATE
from media.client.session.publisher import Publisher
from media.client.session.viewer import Viewer
from tests.support.clips import clip, clip_folder
from tests.support.endpoint_client import EndpointClient
from tests.support.npm import find_node, what_lacks
from tests.support.ports import free_ports
from tests.support.relay import RelayProcess
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

SCRIPTS = Path(__file__).parents[1] / "support/werift"


class Werift:
    """A process that tells what it counts, a JSON line at a time."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.lines: list[str] = []

    def count(self, kind: str) -> int:
        return int(self.told.get(kind, 0))

    async def listen(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self.lines.append(line.decode())
            if line.startswith(b"{"):
                self.told = json.loads(line)


@asynccontextmanager
async def werift(script: str, *arguments: str) -> AsyncIterator[Werift]:
    """Run a script until the end of the block, then let it leave politely."""
    if lacks := what_lacks() or ("" if find_node() else "node is not installed"):
        pytest.skip(lacks)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(find_node(), str(SCRIPTS / script), *arguments),
        stdin=pipe,
        stdout=pipe,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdin
    assert process.stdout
    running = Werift()
    listening = asyncio.create_task(running.listen(process.stdout))
    try:
        yield running
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 10)
        await listening


async def test_werift_watches(relay: RelayProcess, client_http: aiohttp.ClientSession) -> None:
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    async with werift("view.mjs", f"{relay.url}/whep/l1", relay.mint.view("l1")) as viewer:
        await until(lambda: viewer.count("video") > 200, 15, lambda: f"200 packets: {viewer.lines}")
        # the picture begins with what was there before it came, the sound does not
        await until(
            lambda: viewer.count("audio") > 50, 5, lambda: f"50 packets of sound: {viewer.lines}"
        )
        assert viewer.count("keyframes") > 0
        assert viewer.told["state"] == "connected"
    await publisher.close()
    assert await EndpointClient(client_http, relay).peers() == []


def send_clip(ports: tuple[int, int], stop: threading.Event) -> None:
    """Send the clip as plain RTP at its own pace. Runs in a thread of its own."""
    with av.open(str(clip_path(clip_folder(), VARIANTS["blue"]))) as source:
        streams = (source.streams.audio[0], source.streams.video[0])
        urls = [f"rtp://127.0.0.1:{port}?pkt_size=1200" for port in ports]
        sinks = [av.open(url, "w", "rtp") for url in urls]
        outs = [
            sink.add_stream_from_template(stream)
            for sink, stream in zip(sinks, streams, strict=True)
        ]
        whole = BitStreamFilterContext("h264_mp4toannexb,dump_extra=freq=keyframe", streams[1])
        for packet in source.demux():
            if packet.dts is None or stop.is_set():
                continue
            pictured = packet.stream.type == "video"
            for ready in whole.filter(packet) if pictured else [packet]:
                ready.stream = outs[pictured]
                sinks[pictured].mux(ready)
            if pictured:
                stop.wait(1 / RATE)
        for sink in sinks:
            sink.close()


async def test_werift_publishes(relay: RelayProcess, client_http: aiohttp.ClientSession) -> None:
    clip()
    audio, video = free_ports(2)
    address = f"{relay.url}/whip/l1"
    stop = threading.Event()
    viewer = Viewer(client_http, relay.view_place("l1"))
    arguments = (address, relay.mint.publish("l1"), str(audio), str(video))
    async with werift("publish.mjs", *arguments) as publisher:
        await until(lambda: publisher.told.get("state") == "connected", 10, "werift to connect")
        sending = asyncio.create_task(asyncio.to_thread(send_clip, (audio, video), stop))
        await viewer.start()
        try:
            await until(
                lambda: viewer.video.changed > 60, 15, lambda: f"60 pictures: {publisher.lines}"
            )
            assert viewer.audio.tone_share(440) > 0.8
        finally:
            stop.set()
            await sending
            await viewer.close()
    assert publisher.count("video") > 60
    assert await EndpointClient(client_http, relay).peers() == []
