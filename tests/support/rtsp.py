"""A recording host for tests: RTSP 1.0 (RFC 2326) with interleaved RTP, playing a demo clip.

Its parameter sets stand in the session description alone, as many hosts send them. Each start is
a boot with numbers of its own: SSRC, sequence and time begin anew.
"""

import asyncio
import base64
import contextlib
import hashlib
import re
import ssl
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from typing import Self
from urllib.parse import quote

import av
from aiortc.codecs.h264 import H264Encoder

from media.client.clip.clip import Clip
from media.client.clip.picture import RATE
from media.client.rtsp.annexb import PPS, SPS, START, kind, units
from tests.support.hostsound import AUDIO, Sound

VIDEO = 96
NONCE = "once"
Timed = tuple[float, int, int, list[bytes]]
"""When it is due (s), its channel, its RTP time and its payloads."""


@dataclass
class RecordingHost:
    """Serves on a port that stays the same over `stop` and `start`. `requests` are what came.

    As a context manager it is on from the beginning and off at the end.
    """

    clip: Clip
    sound: Sound | None
    user: str = ""
    password: str = ""
    port: int = 0
    tls: ssl.SSLContext | None = None
    digest: bool = False
    requests: list[str] = field(default_factory=list)
    boots: int = 0
    frozen: bool = False
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def address(self) -> str:
        secret = f"{quote(self.user, '')}:{quote(self.password, '')}@" if self.user else ""
        scheme = "rtsps" if self.tls else "rtsp"
        return f"{scheme}://{secret}127.0.0.1:{self.port}/live"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self.boots += 1
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, ssl=self.tls
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Be gone at once, as a host is that loses its power."""
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        playing: asyncio.Task[None] | None = None
        try:
            while request := await _request(reader):
                method, headers = request
                self.requests.append(method)
                writer.write(self._answer(method, headers))
                if method == "PLAY" and self._may(method, headers):
                    playing = asyncio.create_task(self._play(writer))
        except (asyncio.CancelledError, ConnectionError):
            pass
        finally:
            if playing is not None:
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)
            writer.transport.abort()
            self._tasks.discard(task)

    def _may(self, method: str, headers: dict[str, str]) -> bool:
        given = headers.get("authorization", "")
        if self.digest:  # RFC 2617 section 3.2.2, without qop
            told = dict(re.findall(r'(\w+)="([^"]*)"', given))
            secret = _md5(f"{self.user}:host:{self.password}")
            asked = _md5(f"{method}:{told.get('uri')}")
            return told.get("response") == _md5(f"{secret}:{NONCE}:{asked}")
        word = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return not self.user or given == f"Basic {word}"

    def _answer(self, method: str, headers: dict[str, str]) -> bytes:
        sequence, url = headers["cseq"], f"rtsp://127.0.0.1:{self.port}/live"
        if method != "OPTIONS" and not self._may(method, headers):
            way = f'Digest realm="host", nonce="{NONCE}"' if self.digest else 'Basic realm="host"'
            return _response("401 Unauthorized", sequence, [f"WWW-Authenticate: {way}"], "")
        body = ""
        lines = ["Session: 12345678;timeout=60"]
        if method == "OPTIONS":
            lines = ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"]
        elif method == "DESCRIBE":
            body = self._description()
            lines = [f"Content-Base: {url}/", "Content-Type: application/sdp"]
        elif method == "SETUP":
            lines.append(f"Transport: {headers['transport']}")
        elif method == "PLAY":
            tracks = ["track0", *(["track1"] if self.sound else [])]
            first = f"seq={self._first_number};rtptime={self._first_stamp}"
            info = ",".join(f"url={url}/{track};{first}" for track in tracks)
            lines += ["Range: npt=0.000-", f"RTP-Info: {info}"]
        return _response("200 OK", sequence, lines, body)

    def _description(self) -> str:
        found = [unit for unit in units(self.clip.video[0]) if kind(unit) in (SPS, PPS)]
        sets = ",".join(base64.b64encode(unit).decode() for unit in found)
        text = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=host\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
            f"m=video 0 RTP/AVP {VIDEO}\r\na=rtpmap:{VIDEO} H264/90000\r\n"
            f"a=fmtp:{VIDEO} packetization-mode=1;sprop-parameter-sets={sets}\r\n"
            "a=control:track0\r\n"
        )
        if self.sound:
            kind_of_sound = f"m=audio 0 RTP/AVP {self.sound.payload_type}\r\n"
            text += f"{kind_of_sound}{self.sound.description}a=control:track1\r\n"
        return text

    @property
    def _first_number(self) -> int:
        return self.boots * 40_000 % (1 << 16)

    @property
    def _first_stamp(self) -> int:
        return self.boots * 0x5555_5555 % (1 << 32)

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        began, sequences = loop.time(), [self._first_number] * 2
        types = [VIDEO, self.sound.payload_type if self.sound else AUDIO]
        for due, track, stamp, payloads in self._in_order():
            await asyncio.sleep(max(0.0, began + due - loop.time()))
            if self.frozen:
                await asyncio.get_running_loop().create_future()
            at = (stamp + self._first_stamp) & 0xFFFFFFFF
            for index, payload in enumerate(payloads):
                marker = 0x80 if index == len(payloads) - 1 else 0
                kind_byte = marker | types[track]
                number, ssrc = sequences[track] & 0xFFFF, 1000 * self.boots + track
                header = struct.pack("!BBHII", 0x80, kind_byte, number, at, ssrc)
                sequences[track] += 1
                size = len(header) + len(payload)
                writer.write(struct.pack("!cBH", b"$", 2 * track, size) + header + payload)
            await writer.drain()

    def _in_order(self) -> Iterator[Timed]:
        pictures, sounds = self._pictures(), self._sounds()
        picture, sound = next(pictures), next(sounds, None)
        while True:
            if sound is None or picture[0] <= sound[0]:
                yield picture
                picture = next(pictures)
            else:
                yield sound
                sound = next(sounds, None)

    def _pictures(self) -> Iterator[Timed]:
        packer = H264Encoder()
        for index in count():
            unit = self.clip.video[index % len(self.clip.video)]
            bare = b"".join(START + u for u in units(unit) if kind(u) not in (SPS, PPS))
            packet = av.Packet(bare)
            packet.pts, packet.time_base = index, Fraction(1, RATE)
            payloads, stamp = packer.pack(packet)
            yield index / RATE, 0, stamp & 0xFFFFFFFF, payloads

    def _sounds(self) -> Iterator[Timed]:
        if self.sound is None:
            return
        packets, samples = self.sound.packets, self.sound.samples
        for index in count():
            stamp = index * samples
            due = stamp / self.sound.rate
            yield due, 1, stamp & 0xFFFFFFFF, [packets[index % len(packets)]]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - the protocol's choice


def _response(status: str, sequence: str, lines: list[str], body: str) -> bytes:
    head = [f"RTSP/1.0 {status}", f"CSeq: {sequence}", *lines]
    head += [f"Content-Length: {len(body)}"] if body else []
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]] | None:
    """Return the next request's method and headers, past interleaved RTCP; None at the end."""
    with contextlib.suppress(asyncio.IncompleteReadError):
        while (first := await reader.readexactly(1)) == b"$":
            _, size = struct.unpack("!BH", await reader.readexactly(3))
            await reader.readexactly(size)
        text = (first + await reader.readuntil(b"\r\n\r\n")).decode()
        start, *rest = text.strip().split("\r\n")
        pairs = (line.partition(":") for line in rest)
        return start.split()[0], {name.strip().lower(): value.strip() for name, _, value in pairs}
    return None
