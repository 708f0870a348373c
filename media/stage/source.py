"""A source: what one peer publishes into one slot, one sound and one picture, perhaps in layers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media.contract.subjects import Subject
from media.contract.tickets import Slot
from media.packets.rtcp import SenderReport
from media.packets.rtp import RtpPacket
from media.stage.demux import Demultiplexer, ExtensionIds, SectionStreams, StreamId
from media.stage.lipsync import align
from media.stage.track import Track


@dataclass(eq=False, slots=True)
class SourceStream:
    """One stream of a source. `track` is where it is shown, None while the source is not."""

    id: StreamId
    kind: str
    codec: str
    track: Track | None = None


class Source:
    """`subject` publishes it. `streams` has one of each section, or one of each of its layers."""

    def __init__(
        self,
        slot: Slot,
        subject: Subject,
        streams: Iterable[SourceStream],
        demultiplexer: Demultiplexer,
    ) -> None:
        self.slot = slot
        self.subject = subject
        self.streams = {stream.id: stream for stream in streams}
        self._demultiplexer = demultiplexer

    def stream_of(self, packet: RtpPacket, data: bytes | memoryview) -> SourceStream | None:
        """Return the stream of a packet; `data` is the packet as it came. None for what was not
        negotiated, and for retransmission streams."""
        found = self._demultiplexer.find(packet, data)
        return None if found is None else self.streams.get(found)

    @property
    def tracks(self) -> list[Track]:
        """Where the streams are shown; empty before the source is."""
        return [stream.track for stream in self.streams.values() if stream.track is not None]

    @property
    def ssrcs(self) -> list[int]:
        """Of every stream that packets came of."""
        return [track.source_ssrc for track in self.tracks if track.source_ssrc is not None]

    def take_report(self, report: SenderReport, now: float) -> None:
        """Note the source's clock, and keep its picture with its sound."""
        tracks = self.tracks
        for track in tracks:
            if track.reception is not None and track.reception.ssrc == report.ssrc:
                track.reception.reported(report, now)
                align(tracks, now)

    def say_bye(self, ssrcs: Sequence[int]) -> bool:
        """End the streams that said BYE; return whether that was the last of the source.

        A browser says it for a stream that is only paused, too: one stream alone may come back.
        """
        sending = [track for track in self.tracks if track.source_ssrc is not None]
        leaving = [track for track in sending if track.source_ssrc in ssrcs]
        for track in leaving:
            track.leave()
        return bool(leaving) and len(leaving) == len(sending)


def source_of(
    slot: Slot,
    subject: Subject,
    sections: Sequence[tuple[str, str, SectionStreams]],
    ids: ExtensionIds,
) -> Source:
    """Return the source of an offer that was answered; sections are (kind, codec, streams)."""
    streams = [
        SourceStream(StreamId(section.mid, rid), kind, codec)
        for kind, codec, section in sections
        for rid in section.rids or ("",)
    ]
    demultiplexer = Demultiplexer([section for _kind, _codec, section in sections], ids)
    return Source(slot, subject, streams, demultiplexer)
