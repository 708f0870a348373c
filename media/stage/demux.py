"""Which stream of a source a packet belongs to (RFC 8843 section 9.2, RFC 8852).

By MID first, then by an SSRC that was learnt, by payload type last. Where a section has layers, the
RID tells which one; the repaired RID, which layer a retransmission stream repairs.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from media.packets.rtp import EXTENSION_BIT, RtpPacket, extension
from media.packets.sequence import sequence_distance
from media.stage.reception.numbering import MAX_LATE

MAX_LEARNT = 64
"""SSRCs remembered of one source. A sender that makes up new ones all the time forgets its own."""


class StreamId(NamedTuple):
    """A stream of a source: its section, its layer ("" for the only one), repair or the media."""

    mid: str
    rid: str = ""
    repair: bool = False


class SectionStreams(NamedTuple):
    """What was negotiated of one m= section; `rids` is empty where it has one stream."""

    mid: str
    payload_types: frozenset[int]
    rids: tuple[str, ...] = ()


class ExtensionIds(NamedTuple):
    """Ids of header extensions as negotiated, 0 for one that is not."""

    mid: int = 0
    rid: int = 0
    repaired_rid: int = 0


class _Learnt(NamedTuple):
    stream: StreamId
    sequence: int  # of the packet that said so


class Demultiplexer:
    """Finds streams and learns SSRCs. A packet that belongs to none is to be dropped."""

    def __init__(self, sections: Sequence[SectionStreams], ids: ExtensionIds) -> None:
        self._sections: Mapping[str, SectionStreams] = {each.mid: each for each in sections}
        self._ids = ids
        self._by_payload_type = _unique(sections)
        self._learnt: dict[int, _Learnt] = {}

    def find(self, packet: RtpPacket, data: bytes | memoryview) -> StreamId | None:
        """Return the packet's stream, None where it belongs to none.

        `data` is the packet as it came, for its header extensions.
        """
        learnt = self._learnt.get(packet.ssrc)
        if data[0] & EXTENSION_BIT and self._ids != NO_IDS:
            mid, rid, repaired = (_text(data, name) for name in self._ids)
            if (mid or rid or repaired) and not _overtaken(packet, learnt):
                return self._named(packet, learnt, mid, rid, repaired)
        stream = learnt.stream if learnt is not None else self._of_payload_type(packet)
        if stream is None or packet.payload_type not in self._sections[stream.mid].payload_types:
            return None
        if learnt is None:
            self._learn(packet, stream)
        return stream

    def _named(
        self, packet: RtpPacket, learnt: _Learnt | None, mid: str, rid: str, repaired: str
    ) -> StreamId | None:
        """Return the stream that a packet names itself, and learn its SSRC."""
        section = self._section(packet, learnt, mid)
        if section is None or packet.payload_type not in section.payload_types:
            return None
        layer = repaired or rid or _known_layer(section, learnt)
        if layer is None or (layer and layer not in section.rids):
            return None
        stream = StreamId(section.mid, layer, bool(repaired))
        self._learn(packet, stream)
        return stream

    def _section(
        self, packet: RtpPacket, learnt: _Learnt | None, mid: str
    ) -> SectionStreams | None:
        """Return the section that a packet names, or the one that its SSRC or type belongs to."""
        if not mid and learnt is not None:
            mid = learnt.stream.mid
        return self._sections.get(mid or self._by_payload_type.get(packet.payload_type, ""))

    def _of_payload_type(self, packet: RtpPacket) -> StreamId | None:
        """Return the one stream that this payload type can mean; None where several can."""
        section = self._sections.get(self._by_payload_type.get(packet.payload_type, ""))
        return None if section is None or section.rids else StreamId(section.mid)

    def _learn(self, packet: RtpPacket, stream: StreamId) -> None:
        self._learnt.pop(packet.ssrc, None)
        self._learnt[packet.ssrc] = _Learnt(stream, packet.sequence)
        if len(self._learnt) > MAX_LEARNT:
            del self._learnt[next(iter(self._learnt))]


NO_IDS = ExtensionIds()


def _unique(sections: Sequence[SectionStreams]) -> dict[int, str]:
    """Return the MID of each payload type that only one section has."""
    found: dict[int, str] = {}
    several: set[int] = set()
    for section in sections:
        for payload_type in section.payload_types:
            if payload_type in found:
                several.add(payload_type)
            found[payload_type] = section.mid
    return {number: mid for number, mid in found.items() if number not in several}


def _overtaken(packet: RtpPacket, learnt: _Learnt | None) -> bool:
    """Return whether a newer packet of this SSRC has named its stream already."""
    if learnt is None:
        return False
    return -MAX_LATE <= sequence_distance(packet.sequence, learnt.sequence) < 0


def _known_layer(section: SectionStreams, learnt: _Learnt | None) -> str | None:
    """Return the layer of a packet that names none: what its SSRC was, or the only one."""
    if learnt is not None and learnt.stream.mid == section.mid:
        return learnt.stream.rid
    return None if section.rids else ""


def _text(data: bytes | memoryview, name: int) -> str:
    """Return a header extension as text, "" where it is absent or no ASCII."""
    value = extension(data, name) if name else None
    return value.decode("ascii", "replace") if value else ""
