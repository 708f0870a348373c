"""Pulls an RTSP host through libav, in a thread: libav blocks, and is interrupted by time only."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import av

from media.client.annexb import Passage, Picture, SourceRefusedError
from media.client.backoff import delay
from media.client.continuity import Continuity
from media.client.opus import MadeOpus, PassedOpus, own_time

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
}


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


class Puller:
    """Connects to the host again and again until `end`; `give` gets every unit and
    `died` is called at the end, both in our thread.

    `say` never hears the address: libav's own errors hold it, so only their kind is told.
    """

    def __init__(
        self,
        address: str,
        give: Callable[[Unit], None],
        say: Callable[[str], None],
        clock: Callable[[], float],
        died: Callable[[], None],
    ) -> None:
        if urlsplit(address).scheme not in SCHEMES:
            raise ValueError("the source is no rtsp:// or rtsps:// address")
        self._address, self._give, self._say, self._clock = address, give, say, clock
        self._continuity, self._died = Continuity(), died
        self._sound: PassedOpus | MadeOpus | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtsp", daemon=True)

    def start(self) -> None:
        """Begin to pull."""
        self._thread.start()

    def end(self, patience: float) -> None:
        """Say goodbye to the host; return after `patience` seconds even if it does not answer."""
        self._ended.set()
        self._thread.join(patience)

    def _run(self) -> None:
        try:
            self._keep_connected()
        finally:
            self._died()

    def _keep_connected(self) -> None:
        failures, told = 0, ""
        while not self._ended.is_set():
            began = self._clock()
            reason, wait = self._connect()
            if self._clock() - began > SETTLED:
                failures, told = 0, ""
            if reason != told and not self._ended.is_set():
                self._say(reason)
            told = reason
            self._ended.wait(max(wait, delay(failures, random.random())))
            failures += 1

    def _connect(self) -> tuple[str, float]:
        """Stay on one connection; return why it ended and the seconds to wait at least."""
        try:
            limits = (OPEN_WITHIN, READ_WITHIN)
            with av.open(self._address, options=OPTIONS, timeout=limits) as container:
                self._continuity.reconnected()
                self._pass(container)
        except SourceRefusedError as refused:
            return f"the host cannot be passed on: {refused}", REFUSED_WAIT
        except (av.FFmpegError, OSError) as error:
            return f"no connection to the host ({error.strerror or type(error).__name__})", 0.0
        return "the host ended the connection", 0.0

    def _pass(self, container: Any) -> None:
        video, sound = self._streams(container)
        filters = _filter_of(video)
        passage = Passage(_sets_of(video))
        for packet in container.demux(*(stream for stream in (video, sound) if stream)):
            if self._ended.is_set():
                return
            if packet.size == 0:
                continue
            if packet.stream is video:
                at = self._continuity.place("video", own_time(packet), self._clock())
                for piece in filters(packet):
                    self._give_picture(passage.take(bytes(piece)), at, video.codec_context)
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
        heard = sound.codec_context.name if sound is not None else "no sound"
        self._say(f"connected: H.264 {context.width}x{context.height}, {heard}")
        self._sound = None if sound is None else _sound_of(sound.codec_context)
        return video, sound

    def _give_picture(self, picture: Picture | None, at: float, context: Any) -> None:
        if picture is not None:
            size = context.width, context.height
            self._give(Unit("video", picture.data, at, picture.keyframe, *size))

    def _give_sound(self, packet: Any) -> None:
        """Pass sound on; what cannot be decoded is left out, as a lost packet is."""
        assert self._sound is not None  # noqa: S101 - _streams made it with the stream
        arrival = self._clock()
        try:
            for data, at in self._sound.packets(
                packet, lambda own: self._continuity.place("audio", own, arrival)
            ):
                self._give(Unit("audio", data, at, loudness=self._sound.loudness))
        except av.InvalidDataError:
            self._say("a packet of sound cannot be decoded")


def _sound_of(context: Any) -> PassedOpus | MadeOpus:
    return PassedOpus() if context.name in ("opus", "libopus") else MadeOpus(context)


def _is_avcc(stream: Any) -> bool:
    """Whether parameter sets and units carry lengths (ISO 14496-15) instead of start codes."""
    return bytes(stream.codec_context.extradata or b"")[:1] == b"\x01"


def _filter_of(stream: Any) -> Callable[[Any], list[Any]]:
    if not _is_avcc(stream):
        return lambda packet: [packet]
    return av.bitstream.BitStreamFilterContext("h264_mp4toannexb", stream).filter


def _sets_of(stream: Any) -> bytes:
    """Return the parameter sets of the description in Annex B form; the filter adds avcC's."""
    extradata = bytes(stream.codec_context.extradata or b"")
    return b"" if _is_avcc(stream) else extradata
