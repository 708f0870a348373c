"""A publisher that does what no sane one does, when a test says so, and a viewer that writes down
every packet it gets."""

import asyncio
import secrets
import socket
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count, pairwise

import aiohttp

from media.client.session.address import StageAddress
from media.packets import rtcp
from media.packets.rtp import RtpPacket, parse_rtp
from media.packets.sequence import sequence_distance, timestamp_distance
from media.transport.dtls import SharedCertificate
from media.transport.srtp import SrtpError
from tests.support.flash_beep import PICTURES, SYLLABLES, Film
from tests.support.lightpeer import LightPublisher, LightViewer
from tests.support.offer import PAYLOAD_TYPES

CERTIFICATE = SharedCertificate.generateCertificate()
RECEIVE_BUFFER = 4 << 20
CLOCKS = {"video": 90_000, "audio": 48_000}
REPORT_EVERY = 0.5
NTP_START = 3_000_000_000
"""Seconds of NTP time at which a publisher's clock begins: nobody's else."""


@dataclass(slots=True)
class Numbers:
    """A medium's numbering, all of it random as RFC 3550 asks."""

    ssrc: int = field(default_factory=lambda: secrets.randbits(32))
    sequence: int = field(default_factory=lambda: secrets.randbits(15))
    first_timestamp: int = field(default_factory=lambda: secrets.randbits(32))
    picture_id: int = field(default_factory=lambda: secrets.randbits(15))
    tl0picidx: int = field(default_factory=lambda: secrets.randbits(8))


class ScriptedPublisher(LightPublisher):
    """Plays a film. `late` are seconds that a medium takes to be sent; the reports tell the truth.

    `wide_ids` are VP8 picture ids of 15 bits, else of 7.
    """

    def __init__(
        self, http: aiohttp.ClientSession, place: StageAddress, film: Film, late: dict[str, float]
    ) -> None:
        super().__init__(http, place, CERTIFICATE)
        self.video = (film.codec,)
        self.numbers = {"video": Numbers(), "audio": Numbers()}
        self.wide_ids = True
        self.clock_start = float(secrets.randbits(20))
        self._film, self._late = film, late
        self._playing: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect and play."""
        await super().start()
        begin = asyncio.get_running_loop().time()
        self._playing = [
            asyncio.create_task(self._play("video", PICTURES, begin)),
            asyncio.create_task(self._play("audio", SYLLABLES, begin)),
            asyncio.create_task(self._report(begin)),
        ]

    def jump(self, by: int) -> None:
        """Let the sequence numbers of both media leap."""
        for numbers in self.numbers.values():
            numbers.sequence = (numbers.sequence + by) % 65_536

    def change_ssrc(self) -> None:
        """Go on under other SSRCs, and with them all other numbers."""
        self.numbers = {"video": Numbers(), "audio": Numbers()}

    async def _play(self, kind: str, rate: int, begin: float) -> None:
        clock = asyncio.get_running_loop().time
        for index in count():
            await asyncio.sleep(max(0, begin + index / rate + self._late.get(kind, 0) - clock()))
            if self.lost.is_set():
                return
            if kind == "video":
                self._show(self._film.pictures[index % rate], index / rate)
            else:
                self._send_packet(kind, self._film.sound[index % rate], index / rate, marker=False)

    def _show(self, picture: tuple[bytes, ...], captured: float) -> None:
        for at, part in enumerate(picture):
            head = self._describe(first=at == 0) if self._film.codec == "VP8" else b""
            self._send_packet("video", head + part, captured, marker=at == len(picture) - 1)
        numbers = self.numbers["video"]
        numbers.picture_id = (numbers.picture_id + 1) % 32_768
        numbers.tl0picidx = (numbers.tl0picidx + 1) % 256

    def _describe(self, first: bool) -> bytes:
        """Return a VP8 payload descriptor with picture id; TL0PICIDX and TID where ids are wide."""
        numbers, start = self.numbers["video"], 0x90 if first else 0x80
        if not self.wide_ids:
            return bytes((start, 0x80, numbers.picture_id % 128))
        wide = 0x8000 | numbers.picture_id
        return bytes((start, 0xE0, wide >> 8, wide & 0xFF, numbers.tl0picidx, 0x00))

    def _send_packet(self, kind: str, payload: bytes, captured: float, marker: bool) -> None:
        numbers = self.numbers[kind]
        codec = self._film.codec if kind == "video" else "OPUS"
        timestamp = self._timestamp(kind, captured)
        packet = RtpPacket(
            marker, PAYLOAD_TYPES[codec], numbers.sequence, timestamp, numbers.ssrc, payload
        )
        numbers.sequence = (numbers.sequence + 1) % 65_536
        self.send_rtp(packet.pack())

    def _timestamp(self, kind: str, captured: float) -> int:
        ticks = round(captured * CLOCKS[kind])
        return (self.numbers[kind].first_timestamp + ticks) % 2**32

    async def _report(self, begin: float) -> None:
        while not self.lost.is_set():
            now = asyncio.get_running_loop().time() - begin
            ntp = int((NTP_START + self.clock_start + now) * 2**32)
            for kind, numbers in self.numbers.items():
                report = rtcp.SenderReport(numbers.ssrc, ntp, self._timestamp(kind, now), 1, 1)
                self.send_rtcp(rtcp.pack_sender_report(report))
            await asyncio.sleep(REPORT_EVERY)

    async def fall_silent(self) -> None:
        """Stop sending, without a word."""
        for task in self._playing:
            task.cancel()
        await asyncio.gather(*self._playing, return_exceptions=True)

    async def vanish(self) -> None:
        """Send nothing more at all, not even what keeps the consent."""
        await self.fall_silent()
        assert self._checks is not None
        self._checks.cancel()

    async def close(self) -> None:
        """Stop and end the session."""
        await self.fall_silent()
        await super().close()


class WritingViewer(LightViewer):
    """Keeps what comes: media packets by SSRC, and the items of the node's RTCP."""

    video = ("H264", "VP8")

    def __init__(self, http: aiohttp.ClientSession, place: StageAddress) -> None:
        super().__init__(http, place, CERTIFICATE)
        self.media: dict[int, list[RtpPacket]] = defaultdict(list)
        self.items: list[rtcp.RtcpItem] = []
        self.unreadable = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the socket hold seconds of media: a busy machine must not look like loss."""
        held = transport.get_extra_info("socket")
        held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)

    def _take_media(self, data: bytes) -> None:
        if not self._dtls.secured:
            return
        try:
            packet = parse_rtp(self._dtls.unprotect(data))
        except SrtpError:
            self.unreadable += 1
            return
        self.media[packet.ssrc].append(packet)

    def on_item(self, item: rtcp.RtcpItem) -> None:
        """Keep it."""
        self.items.append(item)

    def packets_of(self, kind: str) -> list[RtpPacket]:
        """Return what came of "audio" or "video" so far."""
        assert self.answer is not None
        return self.media[self.answer.ssrcs[list(self.kinds).index(kind)]]

    def pictures(self, codec: str) -> int:
        """How many pictures have come whole, as their markers tell."""
        wanted = PAYLOAD_TYPES[codec]
        return sum(p.marker for p in self.packets_of("video") if p.payload_type == wanted)

    def check_continuous(self, kind: str, longest: float = 8) -> None:
        """Fail unless numbers grow by one and timestamps by 0 to `longest` seconds."""
        packets = self.packets_of(kind)
        for before, after in pairwise(packets):
            step = sequence_distance(after.sequence, before.sequence)
            assert step == 1, f"{kind}: {after.sequence} follows {before.sequence}"
            leap = timestamp_distance(after.timestamp, before.timestamp) / CLOCKS[kind]
            assert 0 <= leap < longest, f"{kind}: timestamps leap by {leap:.3f} s"
        assert self.unreadable == 0
