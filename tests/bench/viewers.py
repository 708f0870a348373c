"""`python -m tests.bench.viewers`: light viewers that note when the kernel took each packet.

Orders: join(places, offsets, buffer) lets one viewer a place in, each so many seconds after the
order, and tells how each of them fared; present() tells how many are in; match(sent) finds whose
packets theirs are in the logs of publishers; note(on) begins anew or ends taking notes;
delays(sent) compares the notes with the logs; leave() ends the sessions.
"""

import asyncio
import time
import zlib
from array import array
from collections import defaultdict
from typing import Any

import aiohttp
import uvloop

from media.client.session.address import StageAddress
from media.client.session.peer import PeerLostError
from media.client.session.resource import NodeRefusedError, NodeUnreachableError
from media.packets.demux import RTP, classify
from media.packets.rtp import FIXED, parse_rtp
from media.transport.dtls import SharedCertificate
from media.transport.srtp import SrtpError
from tests.bench.delays import Notes, Proof, Sent, delays, shift_of, summary
from tests.bench.film import film
from tests.bench.firstpicture import FirstPicture
from tests.bench.helpers import serve
from tests.bench.stamped import SOCKET_BUFFER, StampedInbox, StampedSocket
from tests.support.lightpeer import Datagrams, LightViewer
from tests.support.offer import AUDIO, VIDEO, Answer

PROVEN = {VIDEO: 400, AUDIO: 50}
"""Packets that a viewer decrypts at most; of the others only header and time are looked at."""

PICTURE_WITHIN = 12.0

Logs = dict[str, list[Sent]]
"""What was sent, by stage."""


class NotingViewer(LightViewer):
    """Says nothing of its own accord beside its receiver reports: the node has to show it a
    picture unasked. `milestones` are nanoseconds of CLOCK_REALTIME."""

    def __init__(
        self, *peer: Any, inbox: StampedInbox, keyframes: frozenset[bytes], buffer: int
    ) -> None:
        super().__init__(*peer)
        self.first = FirstPicture(keyframes)
        self.milestones: dict[str, int] = {}
        self.noting = False
        self.notes: dict[int, Notes] = defaultdict(Notes)
        self.proofs: dict[int, list[Proof]] = defaultdict(list)
        self.ssrcs: dict[int, int] = {}
        self.shifts: dict[int, int] = {}
        self._inbox, self._buffer = inbox, buffer
        self._clock = asyncio.get_running_loop().time
        self._early: list[tuple[int, bytes, int]] = []

    async def _open(self, host: str, port: int) -> Datagrams:
        assert self.answer is not None
        self.milestones["answered"] = _now()
        self.ssrcs = dict(zip(self.answer.ssrcs, (AUDIO, VIDEO), strict=True))
        return StampedSocket((host, port), self._inbox, self._arrived, buffer=self._buffer)

    @property
    def stage(self) -> str:
        return self._place.stage

    def _on_secured(self, answer: Answer) -> None:
        self.milestones["secured"] = _now()
        for kind, datagram, stamp in self._early:
            self._prove(kind, datagram, stamp)

    def _arrived(self, datagram: memoryview, stamp: int) -> None:
        if classify(bytes(datagram[:2])) != RTP:
            self.datagram_received(bytes(datagram), ("", 0))
            return
        _, _, sequence, _, ssrc = FIXED.unpack_from(datagram)
        kind = self.ssrcs[ssrc]
        self.packets[ssrc] += 1
        self._heard = self._clock()
        if self.noting:
            self.notes[kind].add(sequence, stamp)
        if not self._dtls.secured:  # it came right behind the last flight of the handshake
            self._early.append((kind, bytes(datagram), stamp))
        elif len(self.proofs[kind]) < PROVEN[kind]:
            self._prove(kind, bytes(datagram), stamp)

    def _prove(self, kind: int, datagram: bytes, stamp: int) -> None:
        try:
            packet = parse_rtp(self._dtls.unprotect(datagram))
        except SrtpError:
            return
        self.proofs[kind].append((packet.sequence, zlib.crc32(packet.payload), stamp))
        if kind == VIDEO and self.first.at is None:
            self.milestones.setdefault("first_packet", stamp)
            self.first.take(packet, stamp)


def _now() -> int:
    return time.clock_gettime_ns(time.CLOCK_REALTIME)


class Viewers:
    """The orders' side."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._viewers: list[NotingViewer] = []
        self._certificate = SharedCertificate.generateCertificate()
        self._inbox, self._keyframes = StampedInbox(), film().keyframes

    async def join(
        self, places: list[list[str]], offsets: list[float], buffer: int = SOCKET_BUFFER
    ) -> list[dict[str, Any]]:
        """Return milestones of each viewer in milliseconds since it showed its ticket."""
        joining = [
            self._join(StageAddress(*p), o, buffer) for p, o in zip(places, offsets, strict=True)
        ]
        return list(await asyncio.gather(*joining))

    async def _join(self, place: StageAddress, offset: float, buffer: int) -> dict[str, Any]:
        await asyncio.sleep(offset)
        peer = self._http, place, self._certificate
        viewer = NotingViewer(*peer, inbox=self._inbox, keyframes=self._keyframes, buffer=buffer)
        shown, fault = _now(), ""
        try:
            await viewer.start()
            self._viewers.append(viewer)
            await self._wait_for_picture(viewer)
        except (PeerLostError, NodeRefusedError, NodeUnreachableError) as error:
            fault = repr(error)
        found = {**viewer.milestones, "picture": viewer.first.at}
        return {name: None if at is None else (at - shown) / 1e6 for name, at in found.items()} | {
            "fault": fault
        }

    async def _wait_for_picture(self, viewer: NotingViewer) -> None:
        clock = asyncio.get_running_loop().time
        end = clock() + PICTURE_WITHIN
        while viewer.first.at is None and clock() < end:
            await asyncio.sleep(0.05)

    async def present(self) -> int:
        """Return how many are in."""
        return sum(not viewer.lost.is_set() for viewer in self._viewers)

    async def match(self, sent: Logs) -> None:
        for viewer in self._viewers:
            log = sent[viewer.stage]
            viewer.shifts = {k: shift_of(found, log, k) for k, found in viewer.proofs.items()}

    async def note(self, on: bool) -> None:
        for viewer in self._viewers:
            viewer.noting = on
            if on:
                viewer.notes.clear()

    async def delays(self, sent: Logs) -> dict[str, dict[str, float]]:
        """Return for "video" and "audio" what `tests.bench.delays.summary` finds."""
        found = {}
        for kind, name in ((VIDEO, "video"), (AUDIO, "audio")):
            taken, expected = array("q"), 0
            for viewer in self._viewers:
                log, shift = sent[viewer.stage], viewer.shifts[kind]
                mine, wanted = delays(viewer.notes[kind], log, kind, shift)
                taken.extend(mine)
                expected += wanted
            found[name] = summary(taken, expected)
        return found

    async def leave(self) -> None:
        viewers, self._viewers = self._viewers, []
        await asyncio.gather(*(viewer.close() for viewer in viewers))


async def main() -> None:
    """Follow orders."""
    connector = aiohttp.TCPConnector(limit=0, force_close=True)  # each room is another machine
    async with aiohttp.ClientSession(connector=connector) as http:
        viewers = Viewers(http)
        orders = ("join", "present", "match", "note", "delays", "leave")
        await serve({name: getattr(viewers, name) for name in orders})
        await viewers.leave()


if __name__ == "__main__":
    uvloop.run(main())
