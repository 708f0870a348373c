"""The packet path: one medium of a slot, from whatever source is shown there to its subscribers.

receive -> place in the track's numbering -> gather the frame -> cache -> fan out. No clock, no
timer, no socket: what must follow is returned (media.stage.outcome), and the time is an argument.
"""

from collections.abc import Callable, Iterable, Sequence

from media.packets.codecs import KEYFRAME, never
from media.packets.rtcp import SenderReport
from media.packets.rtp import RtpPacket
from media.stage.frame import FrameGatherer
from media.stage.keyframes import KeyframeGate
from media.stage.outcome import NEVER, NOTHING, Outcome
from media.stage.packet import StagePacket
from media.stage.rate import RateMeter
from media.stage.reception.reception import Reception
from media.stage.subscriptions.audience import LATE, Audience
from media.stage.subscriptions.distribution import Distribution
from media.stage.subscriptions.subscriber import Subscriber
from media.stage.timeline.picture_ids import PictureIds
from media.stage.timeline.timeline import Timeline

ASKED_FOR = 3.0
"""Seconds for which viewers may ask for packets of a source that is gone."""
REPORTED_FOR = 6.0
"""Seconds after a track's last packet for which sender reports go on (RFC 3550 section 6.4).
Terminals leave three after the last one, which come once a second: a host may be mute for eight."""


class Track:
    """One medium (`kind` "audio" or "video") of one slot."""

    def __init__(self, kind: str, clock_rate: int, live: Audience) -> None:
        self.kind = kind
        self.clock_rate = clock_rate
        self.gate = KeyframeGate()
        self.reception: Reception | None = None
        self.codec = ""
        self.fed = False  # a source is shown here
        self._is_keyframe: Callable[[bytes], bool] = never
        self.timeline = Timeline(clock_rate)
        self._picture_ids = PictureIds()
        self.viewers = Distribution(kind, live)
        self._leftovers = False  # the cache holds some of a source that is gone
        self._frame = FrameGatherer()
        self.rate = RateMeter()

    # -- the source's side

    def set_source(self, codec: str) -> None:
        """Announce that a new source of this codec is about to send (an older one is gone)."""
        self.end_source()
        self.fed = True
        self.codec = codec
        self._is_keyframe = KEYFRAME.get(codec, never)
        self.reception = None

    def end_source(self) -> None:
        """The source is gone: send what it began, and ask it for nothing more."""
        self.flush()
        self.fed = False
        if self.reception is not None:
            self.reception.missing.clear()
        self.timeline.end()
        self.viewers.cache.end_source()
        self._leftovers = True

    def tidy(self, now: float) -> None:
        """Keep nothing of a source that is gone, once no viewer asks for it again."""
        if self._leftovers and not self.timeline.heard_since(now - ASKED_FOR):
            self.viewers.cache.forget()
            self._leftovers = False

    def leave(self) -> None:
        """The source said BYE: what still comes of it is late. It may begin anew afterwards."""
        self.end_source()
        self.fed = True
        self.timeline.leave()
        self.reception = None

    @property
    def source_ssrc(self) -> int | None:
        """The SSRC that packets come under, None before the first."""
        return self.reception.ssrc if self.reception is not None else None

    def receive(self, piece: Sequence[RtpPacket], now: float) -> Outcome:
        """Take a piece (media.stage.reception.pieces) of the source; return what must follow."""
        first = piece[0]
        reception = self.reception
        if reception is None or reception.ssrc != first.ssrc:
            if self.timeline.is_leftover(first, now):
                return NOTHING
            near = self.timeline.number_near(first.ssrc)
            reception = self.reception = Reception(first.ssrc, self.clock_rate, near)
        number, cut_off = reception.receive(first, now, len(piece))
        if cut_off and self.kind == "video":
            self.gate.ask()
        place = None
        if first.payload:
            place = self.timeline.go_on(first, number, len(piece), now)
        began = False
        if place is not None:
            self._gather(piece, place, now)
        else:
            for at, packet in enumerate(piece, number):
                began |= self._take_singly(packet, at, now)
        return self._outcome(now, began)

    def _take_singly(self, packet: RtpPacket, number: int, now: float) -> bool:
        """Take a probe, what comes late or after a loss, or the first packet of another source.

        Return whether a source began.
        """
        follows = self.timeline.follows(packet, number)
        if not packet.payload:  # a probe: padding only
            if follows:
                self.timeline.skip(number)
            return False
        if not follows:
            if self.kind == "video" and not self._is_keyframe(packet.payload):
                self.gate.ask()
                return False  # a new source begins with a whole picture
            self.flush()
            self.timeline.begin(packet, number, now)
            self._picture_ids.begin()
            self._leftovers = False
        place = self.timeline.place(packet, number, now)
        if place is not None:
            self._frame.late |= self.timeline.newest - place[0] > LATE
            self._gather([packet], place, now)
        return not follows

    def _gather(self, piece: Sequence[RtpPacket], place: tuple[int, int], now: float) -> None:
        """Put packets behind those of their frame, from `place` on; send it when it is whole."""
        sequence, timestamp = place
        for number, packet in enumerate(piece, sequence):
            payload = packet.payload
            self.rate.octets += len(payload)
            keyframe = self._is_keyframe(payload)
            if keyframe:
                self.gate.arrived()
                self.viewers.note_keyframe(timestamp, now)
            if self.codec == "VP8":
                payload = self._picture_ids.rebase(payload)
            self._frame.add(
                StagePacket(number, timestamp, packet.marker, keyframe, self.codec, payload), now
            )
        if self.kind == "audio" or piece[-1].marker or self._frame.full:
            self.flush()

    # -- what must follow

    @property
    def deadline(self) -> float:
        """When `advance` should be called (monotonic seconds), NEVER while nothing waits."""
        deadline = min(self._frame.deadline, self.viewers.catching_up.deadline)
        if self.fed and self.reception is not None:
            deadline = min(deadline, self.gate.deadline, self.reception.missing.deadline)
        return deadline

    def advance(self, now: float) -> Outcome:
        """Do what is due by now: send a frame without its marker, show latecomers more of the
        cache, ask for what is missing.
        """
        if self._frame.deadline <= now:
            self.flush()
        if self.viewers.catching_up.deadline <= now:
            self.replay(now)
        nacks: Sequence[int] = ()
        reception = self.reception
        if reception is not None and reception.missing.deadline <= now:
            nacks, gave_up = reception.missing.due(now)
            if gave_up and self.kind == "video":
                self.gate.ask()
        return self._outcome(now, nacks=nacks)

    def ask_keyframe(self, now: float) -> Outcome:
        """A viewer cannot go on without a whole picture."""
        self.gate.ask()
        return self._outcome(now)

    def _outcome(self, now: float, began: bool = False, nacks: Sequence[int] = ()) -> Outcome:
        keyframe = self.fed and self.reception is not None and self.gate.due(now)
        deadline = self.deadline
        if deadline == NEVER and not (began or keyframe or nacks):
            return NOTHING
        return Outcome(began, keyframe, nacks, deadline)

    @property
    def next_sequence(self) -> int:
        """The track's number for the packet to come."""
        return self.timeline.newest + 1

    def flush(self) -> None:
        """Send what has been gathered."""
        for frame in self._frame.take():
            self.viewers.send(frame, self.timeline.newest, self._frame.late)
        self._frame.late = False

    # -- the viewers' side

    def subscribe(self, subscriber: Subscriber, now: float, from_cache: bool = True) -> Outcome:
        """Add a subscriber: live at once for sound, behind a keyframe for pictures, which may be
        one of the past where `from_cache` says so.
        """
        if not self.viewers.subscribe(subscriber, self.next_sequence, now, from_cache):
            self.gate.ask()
        return self._outcome(now)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Forget a subscriber; harmless when it is unknown."""
        self.viewers.unsubscribe(subscriber)

    def replay(self, now: float) -> bool:
        """Send the next chunk to all who are catching up; return True while some remain."""
        return self.viewers.catching_up.replay(now)

    def retransmit(self, subscriber: Subscriber, sequences: Iterable[int]) -> int:
        """Answer a NACK from the cache; return how many packets were sent again."""
        if not subscriber.begun:
            return 0
        wanted = (self.timeline.unwrap(subscriber.to_track(number)) for number in sequences)
        return self.viewers.retransmit(subscriber, wanted, self.timeline.newest)

    def sender_report(self, subscriber: Subscriber, ntp: int, now: float) -> SenderReport | None:
        """Return what `now` is on this viewer's clock; None while nothing is sent.

        `ntp` is the node's 64-bit NTP time of `now`: one clock for all tracks and all sources.
        """
        if not subscriber.packets_sent or not self.timeline.heard_since(now - REPORTED_FOR):
            return None
        timestamp = subscriber.to_viewer_timestamp(self.timeline.timestamp_at(now))
        octets = subscriber.octets_sent & 0xFFFFFFFF
        return SenderReport(subscriber.ssrc, ntp, timestamp, subscriber.packets_sent, octets)

    def ticks_ahead_of(self, other: "Track", now: float) -> int:
        """Return by how much our timestamp of this moment is above that of another track; 0 before
        either of them had a source.
        """
        if not (self.timeline.drawn and other.timeline.drawn):
            return 0
        return self.timeline.timestamp_at(now) - other.timeline.timestamp_at(now)
