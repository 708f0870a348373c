"""The journal's records and their bytes on disk.

A record is `>II` (length of the body, CRC-32 of the body) and a body of UTF-8 JSON. `seq` grows by
one a record over the whole life of a node's data directory, so it is the reader's position; `boot`
names one run of the process, within which `mono` (seconds) can be compared. `wall` is Unix seconds.
A torn tail is cut: decoding stops at the first record that is short or fails its checksum.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

HEADER = struct.Struct(">II")
MAX_BODY = 1 << 20


class RecordKind(StrEnum):
    NODE_STARTED = "node_started"
    NODE_STOPPED = "node_stopped"
    STAGE_OPENED = "stage_opened"
    STAGE_CLOSED = "stage_closed"
    PEER_CONNECTED = "peer_connected"  # data: grant, slot, role
    FIRST_MEDIA = "first_media"  # publisher: first packet in; viewer: first packet out
    SAMPLE = "sample"  # once a second a stage; data: {"peers": {peer: PeerSample as list}}
    REPORT = "report"  # a terminal's own words, stamped by the node; data: the Report's fields
    PEER_SILENT = "peer_silent"  # data: last_heard (Unix s)
    PEER_LEFT = "peer_left"  # data: last_heard (Unix s), reason
    TAKEN_OVER = "taken_over"  # peer: the older one; data: by (the newer peer)
    REFUSED = "refused"  # data: reason, grant; subject where a signature proved it


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """One fact. `subject` and `role` are a ticket's; empty where a record has none."""

    node: str
    boot: str
    seq: int
    mono: float
    wall: float
    kind: RecordKind
    stage: str = ""
    peer: str = ""
    subject: str = ""
    role: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


FIELDS = tuple(each.name for each in fields(JournalRecord))


@dataclass(frozen=True, slots=True)
class PeerSample:
    """A live peer in one sample: totals since it connected; `last_heard` in Unix seconds."""

    last_heard: float
    packets: int
    octets: int

    def to_list(self) -> list[float]:
        return [round(self.last_heard, 3), self.packets, self.octets]

    @classmethod
    def from_list(cls, values: list[Any]) -> "PeerSample":
        """Raise ValueError when the list is not three numbers."""
        last_heard, packets, octets = values
        return cls(float(last_heard), int(packets), int(octets))


def encode(record: JournalRecord) -> bytes:
    """Return the record as it lies on disk."""
    values = {name: getattr(record, name) for name in FIELDS}
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    body = text.encode("utf-8", "replace")  # half a surrogate pair must not lose the fact
    return HEADER.pack(len(body), zlib.crc32(body)) + body


def from_json(values: Mapping[str, Any]) -> JournalRecord:
    """Return the record of a decoded body; raise ValueError for anything else."""
    try:
        return JournalRecord(**{**values, "kind": RecordKind(values["kind"])})
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a journal record: {error}") from None


def decode(buffer: bytes) -> tuple[list[JournalRecord], int]:
    """Return the whole records in `buffer` and how many bytes they take (the rest is torn)."""
    records: list[JournalRecord] = []
    at = 0
    while at + HEADER.size <= len(buffer):
        length, checksum = HEADER.unpack_from(buffer, at)
        body = buffer[at + HEADER.size : at + HEADER.size + length]
        if length > MAX_BODY or len(body) < length or zlib.crc32(body) != checksum:
            break
        try:
            records.append(from_json(json.loads(body)))
        except ValueError:
            break
        at += HEADER.size + length
    return records, at
