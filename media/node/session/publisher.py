"""A peer that publishes a source into a slot: its media in, our reports and requests back."""

from collections.abc import Iterable, Sequence

from media import clock
from media.contract.tickets import Slot, TicketClaims
from media.node.session.negotiation import Offer
from media.node.session.peer import Peer, StageOfPeer
from media.node.session.uplink import Uplink
from media.packets import rtcp
from media.packets.rtp import RtpError, RtpPacket, parse_rtp
from media.stage.demux import ExtensionIds, SectionStreams
from media.stage.outcome import NOTHING
from media.stage.reception.pieces import pieces
from media.stage.reception.reception import Reception
from media.stage.source import Source, SourceStream, source_of

MAX_PAYLOAD = 1440
"""Octets of a payload at most: what leaves must fit a path of 1,500 (header, tag, UDP, IP)."""


def offered_source(claims: TicketClaims, offer: Offer) -> Source:
    """Return the source of an offer that was answered with the first codec of each section."""
    sections = []
    for track in offer.tracks:
        name, codec = next(iter(track.codecs.items()))
        streams = SectionStreams(track.mid, frozenset({codec.payload_type}))
        sections.append((track.kind, name, streams))
    mids = [track.mid_extension for track in offer.tracks if track.mid_extension is not None]
    ids = ExtensionIds(mid=mids[0] if mids else 0)
    return source_of(claims.slot, claims.subject, sections, ids)


class Publisher(Peer):
    """Sends one source. It is `active` while that is shown."""

    def __init__(
        self, claims: TicketClaims, stage: StageOfPeer, source: Source, uplink: Uplink
    ) -> None:
        super().__init__(claims, stage)
        self.slot: Slot = claims.slot
        self.source = source
        self.uplink = uplink
        self.fraction_lost = 0.0  # of the last second
        self.active = False

    def on_rtp(self, packets: Sequence[memoryview]) -> None:
        """Take media packets that came together."""
        now = clock.mono()
        self.heard(now)
        if not self.active:
            return
        self.uplink.arrived(packets, now)
        for stream, media in self._media_of(packets):
            track = stream.track
            if track is None:
                continue
            for piece in pieces(media):
                outcome = track.receive(piece, now)
                if outcome is not NOTHING:
                    self.stage.follow(self.slot, track, outcome)
        if self.uplink.due(now):
            self._feed_back(now)

    def _media_of(
        self, packets: Sequence[memoryview]
    ) -> list[tuple[SourceStream, list[RtpPacket]]]:
        """Return the packets of our source by stream, in the order in which they came; drop and
        count the others.
        """
        find, last = self.source.stream_of, None
        found: list[tuple[SourceStream, list[RtpPacket]]] = []
        for packet in packets:
            try:
                media = parse_rtp(packet)
            except RtpError:
                self.link.counters.refused += 1
                continue
            stream = find(media, packet)
            if stream is None or len(media.payload) > MAX_PAYLOAD:
                self.link.counters.refused += 1
                continue
            self.packets += 1
            self.octets += len(packet)
            if stream is not last:
                last = stream
                found.append((stream, []))
            found[-1][1].append(media)
        return found

    def send_nack(self, ssrc: int, sequences: Iterable[int]) -> None:
        """Ask for packets of one of its streams again."""
        self._send(rtcp.pack_nack(self.ssrc, ssrc, sequences))

    def send_pli(self, ssrc: int) -> None:
        """Ask for a keyframe of one of its streams."""
        self._send(rtcp.pack_pli(self.ssrc, ssrc))

    def handle(self, item: rtcp.RtcpItem) -> None:
        if isinstance(item, rtcp.SenderReport):
            self.source.take_report(item, clock.mono())
        elif isinstance(item, rtcp.Bye) and self.source.say_bye(item.ssrcs):
            self.stage.peer_closed(self, "bye")

    def report(self, now: float) -> None:
        """Send receiver reports and what the uplink makes of the last second."""
        blocks = [reception.block(now) for reception in self._receptions()]
        if blocks:
            self.fraction_lost = max(block.fraction_lost for block in blocks) / 256
            self.uplink.lost(self.fraction_lost, now)
            reports = rtcp.pack_receiver_report(self.ssrc, blocks)
            self._send(reports + rtcp.pack_cname(self.ssrc, self.cname))
            self._feed_back(now)

    def _receptions(self) -> list[Reception]:
        return [track.reception for track in self.source.tracks if track.reception is not None]

    def _feed_back(self, now: float) -> None:
        """Send the publisher what its path carries."""
        feedback = self.uplink.feedback(self.ssrc, self.source.ssrcs, now)
        if feedback:
            self._send(feedback)

    def _send(self, packet: bytes) -> None:
        if packet[1] not in (rtcp.SR, rtcp.RR):  # a compound packet begins with a report
            packet = rtcp.pack_receiver_report(self.ssrc, []) + packet
        self.link.send_rtcp(packet)
