"""A viewer of a stage: WHEP through aiortc, decoding what it receives.

Plain: one audio and one video section. With slots: the five sections of the stage's fixed slots, in
the node's order (audio main, video main, video screen, audio guest, video guest).
"""

import asyncio
import contextlib
from typing import cast

import aiohttp
import av
from aiortc import MediaStreamError, MediaStreamTrack, RTCPeerConnection

from media.client.clip.clip import pcm_of
from media.client.session.address import StageAddress
from media.client.session.media_probe import AudioProbe, VideoProbe
from media.client.session.peer import (
    AnswerFilter,
    accept_answer,
    local_offer,
    new_peer,
    note_state,
    wait_connected,
)
from media.client.session.resource import Resource, delete_session, post_offer
from media.contract.messages import Report

SLOTS = "main,screen,guest"
SECTIONS = (
    ("main", "audio"),
    ("main", "video"),
    ("screen", "video"),
    ("guest", "audio"),
    ("guest", "video"),
)


class Viewer:
    """One WHEP session; `video` and `audio` count what was decoded, `lost` is set when it ends."""

    receives = True
    ended_by_node = False

    def __init__(
        self,
        http: aiohttp.ClientSession,
        address: StageAddress,
        *,
        slots: bool = True,
        answer_filter: AnswerFilter = str,
    ) -> None:
        self.video, self.audio = VideoProbe(), AudioProbe()
        self.others = {"screen": VideoProbe(), "guest": VideoProbe()}
        self.lost = asyncio.Event()
        self.lost_packets = 0
        self.last_packet: float | None = None
        self._received = 0
        self._http, self._address, self._filter = http, address, answer_filter
        self._sections = SECTIONS if slots else SECTIONS[:2]
        self._peer: RTCPeerConnection = new_peer()
        self._resource: Resource | None = None
        self._connected = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect. Raise NodeUnreachableError, NodeRefusedError or PeerLostError."""
        self._peer.on("connectionstatechange", self._on_state)
        for _, kind in self._sections:
            self._peer.addTransceiver(kind, direction="recvonly")
        address = self._address
        query = f"?slots={SLOTS}" if len(self._sections) > 2 else ""
        self._resource = await post_offer(
            self._http,
            f"{address.node}/whep/{address.stage}{query}",
            address.ticket,
            await local_offer(self._peer),
        )
        await accept_answer(self._peer, self._filter(self._resource.answer))
        self._watch_tracks()
        await wait_connected(self._connected, self.lost)

    def _watch_tracks(self) -> None:
        for (slot, kind), transceiver in zip(
            self._sections, self._peer.getTransceivers(), strict=True
        ):
            track = transceiver.receiver.track
            if kind == "audio":
                probe = self.audio if slot == "main" else AudioProbe()
                self._tasks.append(asyncio.create_task(_probe_audio(track, probe)))
            else:
                video = self.video if slot == "main" else self.others[slot]
                self._tasks.append(asyncio.create_task(_probe_video(track, video)))
        self._tasks.append(asyncio.create_task(self._count_packets()))

    def _on_state(self) -> None:
        note_state(self._peer, self._connected, self.lost)

    async def _count_packets(self) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(1)
            stats = await self._peer.getStats()
            inbound = [entry for entry in stats.values() if entry.type == "inbound-rtp"]
            self.lost_packets = sum(max(0, entry.packetsLost) for entry in inbound)
            received = sum(e.packetsReceived for e in stats.values() if e.type == "transport")
            if received != self._received:
                self._received, self.last_packet = received, asyncio.get_running_loop().time()

    @property
    def last_media(self) -> float | None:
        """When a frame of the main slot was last decoded (loop time), None before the first."""
        moments = [self.video.last_at, self.audio.last_at]
        return max((moment for moment in moments if moment is not None), default=None)

    @property
    def frames(self) -> int:
        """Pictures of the main slot decoded so far."""
        return self.video.frames

    def report(self) -> Report:
        """Return this second's report, as the stage WebSocket wants it."""
        now = asyncio.get_running_loop().time()
        last = self.video.last_at
        return Report(
            frames=self.video.frames,
            width=self.video.width,
            height=self.video.height,
            audio_level=round(self.audio.take_loudest(), 4),
            playing=last is not None and now - last < 2,
            lost=self.lost_packets,
        )

    async def close(self) -> None:
        """End the session on the node and here."""
        self.lost.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._resource is not None:
            await delete_session(self._http, self._resource, self._address.ticket)
        await self._peer.close()


async def _probe_video(track: MediaStreamTrack, probe: VideoProbe) -> None:
    clock = asyncio.get_running_loop().time
    with contextlib.suppress(MediaStreamError):
        while True:
            frame = cast(av.VideoFrame, await track.recv())
            plane = frame.planes[0]
            probe.add(memoryview(plane), plane.line_size, frame.width, frame.height, clock())


async def _probe_audio(track: MediaStreamTrack, probe: AudioProbe) -> None:
    clock = asyncio.get_running_loop().time
    with contextlib.suppress(MediaStreamError):
        while True:
            probe.add(pcm_of(cast(av.AudioFrame, await track.recv())), clock())
