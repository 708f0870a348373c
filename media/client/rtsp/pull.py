"""Pulls an RTSP host through libav, in a thread: libav blocks, and is interrupted by time only.

A redirection is followed, as libav does; whoever may redirect knows the password already.
"""

import errno
import random
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av

from media.client.lesson.backoff import delay
from media.client.rtsp.annexb import AccessUnitFilter, Picture, SourceRefusedError
from media.client.rtsp.bitstream import annexb_of
from media.client.rtsp.continuity import Continuity
from media.client.rtsp.opus import EncodedOpus, PassthroughOpus, own_time

SCHEMES = ("rtsp", "rtsps")
OPEN_WITHIN, READ_WITHIN = 8.0, 4.0
SETTLED = 5.0
"""Seconds of a connection after which its loss counts as the first."""

REFUSED_WAIT = 20.0
"""Seconds until a host that sends what cannot pass is looked at again."""

OPTIONS = {
    "rtsp_transport": "tcp",
    "rtsp_flags": "prefer_tcp",
    "allowed_media_types": "video+audio",
    "fflags": "nobuffer",
    "analyzeduration": "1500000",
    "probesize": "1000000",
    "tls_verify": "1",
}

BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
"""Where systems keep the authorities that they trust; the TLS of libav's wheel knows no place."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One packet on our timeline: `at` in seconds, `loudness` (0 to 1) of sound."""

    kind: str
    data: bytes
    at: float
    keyframe: bool = False
    width: int = 0
    height: int = 0
    loudness: float = 0.0


def masked(address: str) -> str:
    """Return an address for people to read: no user, no password, no path or query."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def trusted_authorities() -> str:
    """Return the file of the authorities that this system trusts, "" where there is none."""
    own = ssl.get_default_verify_paths().cafile
    return next((file for file in (own, *BUNDLES) if file and Path(file).is_file()), "")


class Puller:
    """Connects to the host again and again until `end`; `on_unit` gets every packet and
    `on_end` is called at the end, both in our thread.

    `say` is never given the address: libav's own errors hold it, so only their kind is logged.
    `ca_file` holds the certificates that a host with rtsps:// may show, or their authorities';
    "" stands for what the system trusts.
    """

    def __init__(
        self,
        address: str,
        on_unit: Callable[[Unit], None],
        say: Callable[[str], None],
        clock: Callable[[], float],
        on_end: Callable[[], None],
        ca_file: str = "",
    ) -> None:
        if urlsplit(address).scheme not in SCHEMES:
            raise ValueError("the source is no rtsp:// or rtsps:// address")
        self._address, self._on_unit, self._say, self._clock = address, on_unit, say, clock
        self._continuity, self._on_end = Continuity(), on_end
        self._options = OPTIONS | {"ca_file": ca_file or trusted_authorities()}
        self._received_at = 0.0
        self._sound: PassthroughOpus | EncodedOpus | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtsp", daemon=True)

    def start(self) -> None:
        """Begin to pull."""
        self._thread.start()

    def end(self, within: float) -> None:
        """End the session with the host; return after `within` seconds at the latest."""
        self._ended.set()
        self._thread.join(within)

    def _run(self) -> None:
        try:
            self._keep_connected()
        finally:
            self._on_end()

    def _keep_connected(self) -> None:
        failures, logged = 0, ""
        while not self._ended.is_set():
            began = self._clock()
            reason, wait = self._connect()
            if self._clock() - began > SETTLED:
                failures, logged = 0, ""
            if reason != logged and not self._ended.is_set():
                self._say(reason)
            logged = reason
            self._ended.wait(max(wait, delay(failures, random.random())))
            failures += 1

    def _connect(self) -> tuple[str, float]:
        """Stay on one connection; return why it ended and the seconds to wait at least."""
        limits = (OPEN_WITHIN, READ_WITHIN)
        self._received_at = self._clock()
        try:
            with av.open(self._address, options=self._options, timeout=limits) as container:
                self._continuity.reconnected()
                self._pass(container)
        except SourceRefusedError as refused:
            return f"the host cannot be passed on: {refused}", REFUSED_WAIT
        except (av.FFmpegError, OSError) as error:
            return f"no connection to the host ({self._reason(error)})", 0.0
        return "the host ended the connection", 0.0

    def _reason(self, error: Exception) -> str:
        """Say what happened in our own words: libav's hold the address."""
        silence = self._clock() - self._received_at
        if silence >= READ_WITHIN:
            return f"it has sent nothing of use for {silence:.0f} s"
        if getattr(error, "errno", None) == errno.EIO and self._address.startswith("rtsps:"):
            return "no TLS with it: is its certificate trusted, and for this address?"
        return str(getattr(error, "strerror", "") or type(error).__name__)

    def _pass(self, container: Any) -> None:
        video, sound = self._streams(container)
        filters, sets = annexb_of(video)
        units = AccessUnitFilter(sets)
        for packet in container.demux(*(stream for stream in (video, sound) if stream)):
            if self._ended.is_set():
                return
            self._received_at = self._clock()
            if packet.size == 0:
                continue
            if packet.stream is video:
                at = self._continuity.place("video", own_time(packet), self._clock())
                for piece in filters(packet):
                    self._give_picture(units.take(bytes(piece)), at, video.codec_context)
            else:
                self._give_sound(packet)

    def _streams(self, container: Any) -> tuple[Any, Any]:
        video = next(iter(container.streams.video), None)
        decodable = (stream for stream in container.streams.audio if stream.codec_context)
        sound = next(decodable, None)
        if video is None or video.codec_context.name != "h264":
            name = "no video" if video is None else str(video.codec_context.name)
            raise SourceRefusedError(f"it sends {name}: set it to H.264 at the host")
        context = video.codec_context
        audio = sound.codec_context.name if sound is not None else "no sound"
        self._say(f"connected: H.264 {context.width}x{context.height}, {audio}")
        self._sound = None if sound is None else _sound_of(sound.codec_context)
        return video, sound

    def _give_picture(self, picture: Picture | None, at: float, context: Any) -> None:
        if picture is not None:
            size = context.width, context.height
            self._on_unit(Unit("video", picture.data, at, picture.keyframe, *size))

    def _give_sound(self, packet: Any) -> None:
        """Pass sound on; what cannot be decoded is left out, as a lost packet is."""
        assert self._sound is not None  # noqa: S101 - _streams made it with the stream
        arrival = self._clock()
        try:
            for data, at in self._sound.packets(
                packet, lambda own: self._continuity.place("audio", own, arrival)
            ):
                self._on_unit(Unit("audio", data, at, loudness=self._sound.loudness))
        except av.InvalidDataError:
            self._say("a packet of sound cannot be decoded")


def _sound_of(context: Any) -> PassthroughOpus | EncodedOpus:
    return PassthroughOpus() if context.name in ("opus", "libopus") else EncodedOpus(context)
