"""Debian's Janus with its streaming plugin as a peer: started on free ports, watched through REST.

The viewers are the very light viewers that watch our node, so that both servers do the same work:
ICE-lite, DTLS-SRTP, one video stream to each viewer.
"""

import asyncio
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from media.client.session.address import StageAddress
from tests.support.lightpeer import LightViewer
from tests.support.offer import VIDEO, Credentials, read_answer
from tests.support.ports import free_ports

JANUS = shutil.which("janus")
LIBRARY = "/usr/lib/x86_64-linux-gnu/janus"

CORE = """
general: {{
    configs_folder = "{folder}"
    plugins_folder = "{library}/plugins"
    transports_folder = "{library}/transports"
    events_folder = "{folder}/none"
    loggers_folder = "{folder}/none"
    interface = "127.0.0.1"
    debug_level = 3
    session_timeout = 0
    {loops}
}}
media: {{ ipv6 = false }}
nat: {{ ice_lite = true, ice_enforce_list = "127.0.0.1", full_trickle = false }}
plugins: {{ disable = "{others}" }}
transports: {{ disable = "{wires}" }}
"""
OTHER_PLUGINS = (
    "audiobridge,duktape,echotest,lua,nosip,recordplay,sip,textroom,videocall,videoroom,voicemail"
)
OTHER_WIRES = "mqtt,nanomsg,pfunix,rabbitmq,websockets"
REST = """
general: {{ json = "compact", base_path = "/janus", http = true, port = {port}, ip = "127.0.0.1" }}
"""
MOUNTPOINT = """
bench: {{
    type = "rtp"
    id = 1
    audio = false
    video = true
    videoport = {port}
    videoiface = "127.0.0.1"
    videopt = {payload}
    videocodec = "h264"
    videofmtp = "profile-level-id=42e01f;packetization-mode=1"
}}
"""


@dataclass(frozen=True, slots=True)
class JanusServer:
    """A running server; plain RTP sent to `rtp` is what its viewers get."""

    pid: int
    url: str
    rtp: tuple[str, int]


@asynccontextmanager
async def running_janus(event_loops: int = 0) -> AsyncIterator[JanusServer]:
    """Start Janus for the length of a measurement.

    As Debian ships it, each viewer has a thread of its own; with `event_loops` so many threads
    share all viewers.
    """
    assert JANUS is not None, "install Debian's janus"
    rest, rtp = free_ports(2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "none").mkdir()
        core = CORE.format(
            folder=folder,
            library=LIBRARY,
            loops=f"event_loops = {event_loops}" if event_loops else "",
            others=_names(OTHER_PLUGINS),
            wires=_names(OTHER_WIRES),
        )
        (folder / "janus.jcfg").write_text(core)
        (folder / "janus.transport.http.jcfg").write_text(REST.format(port=rest))
        streaming = MOUNTPOINT.format(port=rtp, payload=VIDEO)
        (folder / "janus.plugin.streaming.jcfg").write_text(streaming)
        process = await asyncio.create_subprocess_exec(
            *(JANUS, "-F", str(folder), "-N"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        url = f"http://127.0.0.1:{rest}/janus"
        try:
            await _answers(url)
            yield JanusServer(process.pid, url, ("127.0.0.1", rtp))
        finally:
            process.kill()
            await process.wait()


def _names(names: str) -> str:
    return ",".join(f"libjanus_{name}.so" for name in names.split(","))


async def _answers(url: str) -> None:
    async with asyncio.timeout(20), aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"{url}/info") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


class JanusViewer(LightViewer):
    """The light viewer behind Janus's signalling: Janus offers, we answer."""

    def __init__(self, http: aiohttp.ClientSession, url: str, *rest: Any, **options: Any) -> None:
        super().__init__(http, StageAddress(url, "1", "none"), *rest, **options)
        self._url, self._session = url, ""

    async def start(self) -> None:
        """Watch mountpoint 1."""
        made = await self._ask(self._url, {"janus": "create"})
        self._session = f"{self._url}/{made['data']['id']}"
        plugin = {"janus": "attach", "plugin": "janus.plugin.streaming"}
        handle = f"{self._session}/{(await self._ask(self._session, plugin))['data']['id']}"
        watch = {"janus": "message", "body": {"request": "watch", "id": 1}}
        await self._ask(handle, watch)
        offer = (await self._event())["jsep"]["sdp"]
        self.answer = read_answer(offer)
        jsep = {
            "type": "answer",
            "sdp": _answer_to(offer, self._mine, self._certificate.fingerprint),
        }
        start = {"janus": "message", "body": {"request": "start"}, "jsep": jsep}
        await self._ask(handle, start)
        async with asyncio.timeout(15):
            await self._connect(self.answer)

    async def _ask(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._http.post(url, json={**body, "transaction": "bench"}) as response:
            answer: dict[str, Any] = await response.json()
        assert answer["janus"] in ("success", "ack", "event"), answer
        return answer

    async def _event(self) -> dict[str, Any]:
        """Wait for the plugin's offer on the long poll."""
        while True:
            async with self._http.get(self._session, params={"maxev": 1}) as response:
                event: dict[str, Any] = await response.json()
            if event.get("jsep"):
                return event

    async def close(self) -> None:
        """End the session there and here."""
        await self._ask(self._session, {"janus": "destroy"})
        await super().close()


def _answer_to(offer: str, mine: Credentials, fingerprint: str) -> str:
    """Return an answer that takes the offered video."""
    mid = next(line[6:] for line in offer.splitlines() if line.startswith("a=mid:"))
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {mid}",
        f"m=video 9 UDP/TLS/RTP/SAVPF {VIDEO}",
        "c=IN IP4 127.0.0.1",
        f"a=mid:{mid}",
        "a=recvonly",
        "a=rtcp-mux",
        f"a=ice-ufrag:{mine.ufrag}",
        f"a=ice-pwd:{mine.pwd}",
        f"a=fingerprint:sha-256 {fingerprint}",
        "a=setup:active",
        f"a=rtpmap:{VIDEO} H264/90000",
    ]
    return "\r\n".join(lines) + "\r\n"


def rtp_socket(server: JanusServer) -> socket.socket:
    """Return a socket whose datagrams are the mountpoint's source."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(server.rtp)
    return sender
