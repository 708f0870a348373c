"""The packet path: one track of a slot, from its source to every subscriber.

receive -> place in the track's numbering -> gather the frame -> cache -> fan out. Nothing here
awaits, and no viewer can hold up another.
"""

from collections.abc import Callable, Iterable, Sequence

from media.packets.codecs import KEYFRAME, never
from media.packets.rtcp import SenderReport
from media.packets.rtp import RtpPacket
from media.stage.keyframes import KeyframeGate
from media.stage.packet import StagePacket
from media.stage.reception.reception import Reception
from media.stage.subscriptions.audience import LATE, Audience
from media.stage.subscriptions.cache import PacketCache
from media.stage.subscriptions.catchup import ANSWER_WITHIN, FRESH, CatchUp
from media.stage.subscriptions.padding import equalise
from media.stage.subscriptions.subscriber import Progress, Subscriber
from media.stage.timeline.picture_ids import PictureIds
from media.stage.timeline.timeline import Timeline

CACHE_PACKETS = {"video": 4096, "audio": 512}
MAX_FRAME = 64
"""Packets gathered at most: UDP_SEGMENT takes 64 segments a message."""
ASKED_FOR = 3.0
"""Seconds for which viewers may ask for packets of a source that is gone."""
REPORTED_FOR = 6.0
"""Seconds after a track's last packet for which sender reports go on (RFC 3550 section 6.4).
Terminals leave three after the last one, which come once a second: a host may be mute for eight."""
NTP_SECOND = 1 << 32


class Track:
    """One medium (`kind` "audio" or "video") of one slot."""

    def __init__(self, kind: str, clock_rate: int, live: Audience) -> None:
        self.kind = kind
        self.clock_rate = clock_rate
        self.gate = KeyframeGate()
        self.live = live
        self.reception: Reception | None = None
        self.began = False  # a source began; whoever tells the viewers clears it
        self.codec = ""
        self._is_keyframe: Callable[[bytes], bool] = never
        self._timeline = Timeline(clock_rate)
        self._picture_ids = PictureIds()
        self._cache = PacketCache(CACHE_PACKETS[kind])
        self.catching_up = CatchUp(self._cache, live)
        self._leftovers = False  # the cache holds some of a source that is gone
        self.gathered: list[StagePacket] = []  # wait for their frame's marker
        self._late = False  # some of them lie far back
        self._keyframe_timestamp = -1
        self._keyframe_at = float("-inf")

    # -- the source's side

    def set_source(self, codec: str) -> None:
        """Announce that a new source of this codec is about to send (an older one is gone)."""
        self.end_source()
        self.codec = codec
        self._is_keyframe = KEYFRAME.get(codec, never)
        self.reception = None

    def end_source(self) -> None:
        """The source is gone: send what it began."""
        self.flush()
        self._timeline.end()
        self._cache.end_source()
        self._leftovers = True

    def tidy(self, now: float) -> None:
        """Keep nothing of a source that is gone, once nobody asks for it again."""
        if self._leftovers and not self._timeline.heard_since(now - ASKED_FOR):
            self._cache.forget()
            self._leftovers = False

    def leave(self) -> None:
        """The source said goodbye: what still comes of it is late. It may begin anew by and by."""
        self.end_source()
        self._timeline.leave()
        self.reception = None

    @property
    def source_ssrc(self) -> int | None:
        """Of whom we hear, None before the first packet."""
        return self.reception.ssrc if self.reception is not None else None

    def receive(self, piece: Sequence[RtpPacket], now: float) -> None:
        """Take a piece (media.stage.reception.pieces) of the source.

        While any are `gathered` a flush is awaited.
        """
        first = piece[0]
        place = self._timeline.go_on(first, len(piece), now) if first.payload else None
        if place is None and self._timeline.is_leftover(first, now):
            return
        reception = self.reception
        if reception is None or reception.ssrc != first.ssrc:
            reception = self.reception = Reception(first.ssrc, self.clock_rate)
        reception.receive(first, now, len(piece))
        if reception.cut_off:
            reception.cut_off = False
            self.gate.ask()
        if place is not None:
            self._gather(piece, place, now)
            return
        for packet in piece:
            self._take_singly(packet, now)

    def _take_singly(self, packet: RtpPacket, now: float) -> None:
        """Take a probe, what comes late or after a loss, or the first packet of another source."""
        follows = self._timeline.follows(packet)
        if not packet.payload:  # a probe: padding only
            if follows:
                self._timeline.skip(packet)
            return
        if not follows:
            if self.kind == "video" and not self._is_keyframe(packet.payload):
                self.gate.ask()
                return  # a new source begins with a whole picture
            self.flush()
            self._timeline.begin(packet, now)
            self._picture_ids.begin()
            self._leftovers = False
            self.began = True
        place = self._timeline.place(packet, now)
        if place is not None:
            self._late = self._late or self._timeline.newest - place[0] > LATE
            self._gather([packet], place, now)

    def _gather(self, piece: Sequence[RtpPacket], place: tuple[int, int], now: float) -> None:
        """Put packets behind those of their frame, from `place` on; send it when it is whole."""
        sequence, timestamp = place
        for number, packet in enumerate(piece, sequence):
            payload = packet.payload
            keyframe = self._is_keyframe(payload)
            if keyframe:
                self._note_keyframe(timestamp, now)
            if self.codec == "VP8":
                payload = self._picture_ids.rebase(payload)
            self.gathered.append(
                StagePacket(number, timestamp, packet.marker, keyframe, self.codec, payload)
            )
        if self.kind == "audio" or piece[-1].marker or len(self.gathered) >= MAX_FRAME:
            self.flush()

    def _note_keyframe(self, timestamp: int, now: float) -> None:
        self.gate.arrived()
        if timestamp != self._keyframe_timestamp:
            self._keyframe_timestamp, self._keyframe_at = timestamp, now

    @property
    def next_sequence(self) -> int:
        """The track's number for the packet to come."""
        return self._timeline.newest + 1

    def flush(self) -> None:
        """Send what has been gathered."""
        gathered, self.gathered = self.gathered, []
        for start in range(0, len(gathered), MAX_FRAME):
            self._send(equalise(gathered[start : start + MAX_FRAME]))
        self._late = False

    def _send(self, frame: Sequence[StagePacket]) -> None:
        """Send a frame, or as much of it as one message takes, to everybody."""
        self._cache.put(frame)
        if self.catching_up:
            self.catching_up.admit(frame)
        if self._late:
            frame = self._send_late(frame)
        if frame:
            self.live.send(frame)

    def _send_late(self, frame: Sequence[StagePacket]) -> Sequence[StagePacket]:
        """Send apart what lies too far back for the others; return these."""
        newest = self._timeline.newest
        for packet in frame:
            if newest - packet.sequence > LATE:
                self.live.send_late(packet, newest)
        return [packet for packet in frame if newest - packet.sequence <= LATE]

    # -- the viewers' side

    def subscribe(self, subscriber: Subscriber, now: float) -> None:
        """Add a viewer: live at once for sound, behind a keyframe for pictures."""
        if self.kind == "audio":
            subscriber.begin_at(self._timeline.newest + 1)
            subscriber.progress = Progress.LIVE
            self.live.add(subscriber)
            return
        self.catching_up.add(subscriber)
        if now - self._keyframe_at > FRESH or not self.catching_up.show_cache(subscriber):
            self.gate.ask()
            subscriber.waits_until = now + ANSWER_WITHIN

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Forget a viewer; harmless when it is unknown."""
        self.live.remove(subscriber)
        self.catching_up.remove(subscriber)

    def replay(self, now: float) -> bool:
        """Send the next chunk to everybody who is catching up; return True while some remain."""
        return self.catching_up.replay(now)

    def retransmit(self, subscriber: Subscriber, sequences: Iterable[int]) -> int:
        """Answer a NACK from the cache; return how many packets were sent again."""
        if not subscriber.begun:
            return 0
        sent = 0
        for sequence in sequences:
            packet = self._cache.get(self._timeline.unwrap(subscriber.to_track(sequence)))
            if packet is None or packet.sequence < subscriber.resendable_from:
                continue
            if subscriber.may_resend():
                subscriber.send_retransmission(packet, self._timeline.newest)
                sent += 1
        return sent

    def sender_report(self, subscriber: Subscriber, ntp: int, now: float) -> SenderReport | None:
        """Return what `now` is on this viewer's clock; None while nothing is sent.

        `ntp` is the node's 64-bit NTP time of `now`: one clock for all tracks and all sources.
        """
        if not subscriber.packets or not self._timeline.heard_since(now - REPORTED_FOR):
            return None
        timestamp = subscriber.to_viewer_timestamp(self._timeline.timestamp_at(now))
        octets = subscriber.octets & 0xFFFFFFFF
        return SenderReport(subscriber.ssrc, ntp, timestamp, subscriber.packets, octets)

    def clock_lead(self, now: float) -> float | None:
        """Return by how many seconds our line leads the source's own clock, if it told that."""
        reception, timeline = self.reception, self._timeline
        report = reception.report if reception is not None else None
        if report is None or report.ssrc != timeline.ssrc:
            return None
        return now + timeline.ahead_of_line(report.timestamp, now) - report.ntp / NTP_SECOND

    def slew(self, seconds: float) -> None:
        """Move what comes by so much in time, little by little (see media.stage.lipsync)."""
        self._timeline.slew(seconds)
