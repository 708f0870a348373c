"""The journal's records and their bytes on disk. docs/protocols/journal.md is the rule for others.

A record is `>II` (length of the body, CRC-32 of the body) and a body of UTF-8 JSON. `seq` grows by
one a record over the whole life of a node's data directory, so it is the reader's position; `boot`
names one run of the process, within which `mono` (seconds) can be compared. `wall` is Unix seconds.
A torn tail is cut: decoding stops at the first record that is short or fails its checksum. What is
whole is kept, whatever it says: a kind or a field that is newer than its reader is no damage.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import ClassVar, Literal, NamedTuple

from pydantic import ConfigDict, TypeAdapter, ValidationError

from media.contract.model import Count, Measure

VERSION = 2
"""Version of a record. It grows when what a known kind says changes; new kinds and new fields are
read over by older readers. Records of version 1 carry no number."""

HEADER = struct.Struct(">II")
MAX_BODY = 1 << 20


class RecordKind(StrEnum):
    """What this version writes. A record's own `kind` is a text: it may be newer."""

    NODE_STARTED = "node_started"
    NODE_STOPPED = "node_stopped"
    STAGE_OPENED = "stage_opened"
    STAGE_CLOSED = "stage_closed"
    PEER_CONNECTED = "peer_connected"
    FIRST_MEDIA = "first_media"  # publisher: first packet in; viewer: first packet out
    SAMPLE = "sample"  # once a second a stage
    REPORT = "report"  # a terminal's own report, stamped by the node
    PEER_SILENT = "peer_silent"
    PEER_LEFT = "peer_left"
    TAKEN_OVER = "taken_over"  # peer: the older one
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """One fact. `subject` and `role` are a ticket's; empty where a record has none.

    `data` has the fields of its kind (media.contract.journal_data). A dataclass of the standard
    library: a node writes many a second and need not check its own.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="ignore")

    node: str
    boot: str
    seq: Count
    mono: float
    wall: Measure
    kind: str
    stage: str = ""
    peer: str = ""
    subject: str = ""
    role: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    v: Count = 1


_FIELDS = tuple(each.name for each in fields(JournalRecord))
_RECORD: TypeAdapter[JournalRecord] = TypeAdapter(JournalRecord)


class Decoded(NamedTuple):
    """The whole records of a buffer, the bytes that they take (the rest is torn), and how many
    more were whole but no records that we can read."""

    records: list[JournalRecord]
    length: int
    unreadable: int


def encode(record: JournalRecord, errors: Literal["strict", "replace"] = "strict") -> bytes:
    """Return the record as it lies on disk.

    Raise TypeError for data that is no JSON, UnicodeEncodeError for half a surrogate pair.
    """
    values = {name: getattr(record, name) for name in _FIELDS}
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    body = text.encode("utf-8", errors)
    return HEADER.pack(len(body), zlib.crc32(body)) + body


def decode(buffer: bytes) -> Decoded:
    """Return what `buffer` holds up to its first torn record."""
    records: list[JournalRecord] = []
    at = unreadable = 0
    while at + HEADER.size <= len(buffer):
        length, checksum = HEADER.unpack_from(buffer, at)
        body = buffer[at + HEADER.size : at + HEADER.size + length]
        if length > MAX_BODY or len(body) < length or zlib.crc32(body) != checksum:
            break
        try:
            records.append(_RECORD.validate_json(body))
        except ValidationError:
            unreadable += 1
        at += HEADER.size + length
    return Decoded(records, at, unreadable)
