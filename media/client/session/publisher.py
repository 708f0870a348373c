"""A publisher: WHIP (RFC 9725) through aiortc, sending encoded packets as they are."""

import asyncio
from typing import Protocol

import aiohttp
from aiortc import MediaStreamTrack, RTCPeerConnection

from media.client.clip.clip import Clip
from media.client.session.address import StageAddress
from media.client.session.peer import (
    AnswerFilter,
    accept_answer,
    local_offer,
    new_peer,
    note_state,
    prefer_h264,
    wait_connected,
)
from media.client.session.resource import Resource, delete_session, post_offer
from media.client.session.tracks import LoopTrack, tracks_of
from media.contract.messages import Report


class Program(Protocol):
    """What is published: two tracks that hand out encoded packets, and what is known of them.

    `frames` pictures were handed out, `size` is theirs (0, 0 before the first); `audio_level` is
    the sound's RMS (0 to 1), `playing` whether pictures flow."""

    @property
    def sound(self) -> MediaStreamTrack: ...
    @property
    def picture(self) -> MediaStreamTrack: ...
    @property
    def frames(self) -> int: ...
    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def audio_level(self) -> float: ...
    @property
    def playing(self) -> bool: ...


class ClipProgram:
    """A clip in a loop."""

    def __init__(self, clip: Clip) -> None:
        self._clip = clip
        tracks: tuple[LoopTrack, LoopTrack] = tracks_of(clip)
        self.sound, self.picture = tracks

    @property
    def frames(self) -> int:
        return self.picture.sent

    @property
    def size(self) -> tuple[int, int]:
        return (self._clip.width, self._clip.height) if self.frames else (0, 0)

    @property
    def audio_level(self) -> float:
        return self._clip.audio_level if self.sound.sent else 0.0

    @property
    def playing(self) -> bool:
        return self.frames > 0


class ProgramPublisher:
    """One WHIP session that sends a program; `lost` is set when it ends, `ended_by_node` when the
    node ended it."""

    receives = False

    def __init__(
        self,
        http: aiohttp.ClientSession,
        address: StageAddress,
        program: Program,
        *,
        answer_filter: AnswerFilter = str,
    ) -> None:
        self.lost = asyncio.Event()
        self.ended_by_node = False
        self._http, self._address, self._filter = http, address, answer_filter
        self._program = program
        self._peer: RTCPeerConnection = new_peer()
        self._resource: Resource | None = None
        self._connected = asyncio.Event()

    async def start(self) -> None:
        """Connect and play. Raise NodeUnreachableError, NodeRefusedError or PeerLostError."""
        self._peer.on("connectionstatechange", self._on_state)
        for track in (self._program.sound, self._program.picture):
            self._peer.addTransceiver(track, direction="sendonly")
        prefer_h264(self._peer)
        address = self._address
        self._resource = await post_offer(
            self._http,
            f"{address.node}/whip/{address.stage}",
            address.ticket,
            await local_offer(self._peer),
        )
        await accept_answer(self._peer, self._filter(self._resource.answer))
        await wait_connected(self._connected, self.lost)

    def _on_state(self) -> None:
        if self._peer.connectionState == "closed" and not self.lost.is_set():
            self.ended_by_node = True
        note_state(self._peer, self._connected, self.lost)

    @property
    def last_packet(self) -> None:
        """None: a publisher receives nothing, its loss shows on the stage WebSocket."""
        return

    @property
    def last_media(self) -> None:
        """None, like `last_packet`."""
        return

    @property
    def frames(self) -> int:
        """Pictures sent so far."""
        return self._program.frames

    def report(self) -> Report:
        """Return this second's report: the host's own picture and sound as they were sent."""
        live = self._connected.is_set() and not self.lost.is_set()
        width, height = self._program.size
        return Report(
            frames=self.frames,
            width=width,
            height=height,
            audio_level=round(self._program.audio_level, 4) if live else 0.0,
            playing=live and self._program.playing,
        )

    async def close(self) -> None:
        """End the session on the node and here."""
        self.lost.set()
        if self._resource is not None:
            await delete_session(self._http, self._resource, self._address.ticket)
        await self._peer.close()


class Publisher(ProgramPublisher):
    """One WHIP session that plays a clip in a loop."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        address: StageAddress,
        clip: Clip,
        *,
        answer_filter: AnswerFilter = str,
    ) -> None:
        super().__init__(http, address, ClipProgram(clip), answer_filter=answer_filter)
