"""A peer that publishes into a slot: its media in, our reports and requests back."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from media import clock
from media.contract.tickets import Slot, TicketClaims
from media.node.session.peer import Peer, StageOfPeer
from media.node.session.uplink import Uplink
from media.packets import rtcp
from media.packets.rtp import RtpError, RtpPacket, parse_rtp
from media.stage.lipsync import align
from media.stage.reception.pieces import pieces
from media.stage.track import Track

MAX_PAYLOAD = 1440
"""Octets of a payload at most: what leaves must fit a path of 1,500 (header, tag, UDP, IP)."""

ASK_EVERY = 0.012
"""Seconds between two looks at what is missing of a source."""

GATHER = 0.002
"""Seconds that a frame's packets wait for their marker before they are sent."""


class Publisher(Peer):
    """Sends one slot's media. `tracks` by the payload type that we answered."""

    def __init__(
        self,
        claims: TicketClaims,
        stage: StageOfPeer,
        tracks: Mapping[int, Track],
        codecs: Mapping[int, str],
        uplink: Uplink,
    ) -> None:
        super().__init__(claims, stage)
        self.slot: Slot = claims.slot
        self.tracks = tracks
        self.codecs = codecs
        self.uplink = uplink
        self.fraction_lost = 0.0  # of the last second
        self._flushes: dict[int, asyncio.TimerHandle] = {}
        self._asking: asyncio.TimerHandle | None = None
        self.active = False

    def on_rtp(self, packets: Sequence[memoryview]) -> None:
        """Take media packets that came together, then see to what waits."""
        now = clock.mono()
        self.heard(now)
        if not self.active:
            return
        self.uplink.arrived(packets, now)
        for piece in pieces(self._media_of(packets)):
            payload_type = piece[0].payload_type
            track = self.tracks[payload_type]
            track.receive(piece, now)
            self._look_after(payload_type, track, now)
        if self.uplink.due(now):
            self._feed_back(now)

    def _media_of(self, packets: Sequence[memoryview]) -> Iterator[RtpPacket]:
        """Yield the packets that are media which we answered; drop the others."""
        for packet in packets:
            try:
                media = parse_rtp(packet)
            except RtpError:
                self.link.counters.refused += 1
                continue
            if media.payload_type not in self.tracks or len(media.payload) > MAX_PAYLOAD:
                self.link.counters.refused += 1
                continue
            self.packets += 1
            self.octets += len(packet)
            yield media

    def _look_after(self, payload_type: int, track: Track, now: float) -> None:
        """See to what waits: a frame without its marker, a keyframe, packets that are missing."""
        later = asyncio.get_running_loop().call_later
        if track.gathered and payload_type not in self._flushes:
            self._flushes[payload_type] = later(GATHER, self._flush, payload_type, track)
        if track.began:
            track.began = False
            self.stage.source_began(track)
        if track.gate.wanted and track.gate.due(now):
            self.ask_keyframe(track)
        reception = track.reception
        if reception is not None and reception.gaps.missing and self._asking is None:
            self._asking = later(ASK_EVERY, self._ask_again)

    def _ask_again(self) -> None:
        """Ask for what is missing, and look again while anything is."""
        self._asking = None
        missing = False
        for track in self.tracks.values():
            if track.reception is None or not self.active:
                continue
            gaps = track.reception.gaps
            wanted = gaps.due(clock.mono())
            if wanted:
                self._send(rtcp.pack_nack(self.ssrc, track.reception.ssrc, wanted))
            if gaps.gave_up and track.kind == "video":
                track.gate.ask()
                if track.gate.due(clock.mono()):
                    self.ask_keyframe(track)
            missing = missing or len(gaps) > 0
        if missing:
            self._asking = asyncio.get_running_loop().call_later(ASK_EVERY, self._ask_again)

    def _flush(self, payload_type: int, track: Track) -> None:
        del self._flushes[payload_type]
        track.flush()

    def handle(self, item: rtcp.RtcpItem) -> None:
        if isinstance(item, rtcp.SenderReport):
            self._take_report(item, clock.mono())
        elif isinstance(item, rtcp.Bye):
            self._end_sources(item.ssrcs)

    def _take_report(self, report: rtcp.SenderReport, now: float) -> None:
        """Note the source's clock, and keep its picture with its sound."""
        for track in self.tracks.values():
            if track.reception is not None and track.reception.ssrc == report.ssrc:
                track.reception.reported(report, now)
                align(self.tracks.values(), now)

    def _end_sources(self, ssrcs: Sequence[int]) -> None:
        """Sources that say goodbye are over at once; with the last of them the publisher is.

        A browser says it for a stream that is only paused, too: one source alone may come back.
        """
        sending = [track for track in self.tracks.values() if track.reception is not None]
        leaving = [track for track in sending if track.source_ssrc in ssrcs]
        for track in leaving:
            track.leave()
        if leaving and len(leaving) == len(sending):
            self.stage.peer_closed(self, "bye")

    def ask_keyframe(self, track: Track) -> None:
        """Send a PLI for the track's source."""
        if track.reception is not None:
            self._send(rtcp.pack_pli(self.ssrc, track.reception.ssrc))

    def report(self, now: float) -> None:
        """Send receiver reports and what the uplink makes of the last second."""
        receptions = [t.reception for t in self.tracks.values() if t.reception is not None]
        blocks = [reception.block(now) for reception in receptions]
        if blocks:
            self.fraction_lost = max(block.fraction_lost for block in blocks) / 256
            self.uplink.lost(self.fraction_lost, now)
            reports = rtcp.pack_receiver_report(self.ssrc, blocks)
            self._send(reports + rtcp.pack_cname(self.ssrc, self.cname))
            self._feed_back(now)

    def _feed_back(self, now: float) -> None:
        """Tell the publisher what its path carries."""
        ssrcs = [t.reception.ssrc for t in self.tracks.values() if t.reception is not None]
        feedback = self.uplink.feedback(self.ssrc, ssrcs, now)
        if feedback:
            self._send(feedback)

    def _send(self, packet: bytes) -> None:
        if packet[1] not in (rtcp.SR, rtcp.RR):  # a compound packet begins with a report
            packet = rtcp.pack_receiver_report(self.ssrc, []) + packet
        self.link.send_rtcp(packet)
