"""Journals of neighbouring versions: what is newer is kept and read over, what is older is read."""

import json
import zlib

import pytest

from media.contract.journal import HEADER, VERSION, JournalRecord, RecordKind, decode, encode

OLD = {
    "node": "n1",
    "boot": "b1",
    "seq": 1,
    "mono": 1.5,
    "wall": 1700000000.25,
    "kind": "peer_left",
    "stage": "l1",
    "peer": "p1",
    "subject": "room:r1",
    "role": "LEG",
    "data": {"last_heard": 1700000000.0, "reason": "silent"},
}
"""A record as version 1 wrote it."""


def framed(body: object) -> bytes:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HEADER.pack(len(text), zlib.crc32(text)) + text


def test_a_record_of_version_1_is_read() -> None:
    (record,) = decode(framed(OLD)).records
    assert record == JournalRecord(**{**OLD, "v": 1})
    assert record.kind is not RecordKind.PEER_LEFT, "a record's kind is a text"
    assert record.kind == RecordKind.PEER_LEFT


def test_a_record_carries_its_version() -> None:
    written = JournalRecord("n1", "b1", 2, 0.0, 0.0, RecordKind.NODE_STOPPED, v=VERSION)
    (read,) = decode(encode(written)).records
    assert read.v == VERSION == 2


@pytest.mark.parametrize(
    "newer",
    [
        {**OLD, "seq": 2, "kind": "recording_began", "data": {"file": {"id": 7}}, "v": VERSION + 1},
        {**OLD, "seq": 2, "mood": [1, 2], "v": VERSION + 1},
    ],
)
def test_a_newer_kind_or_field_in_the_middle_stops_nothing(
    newer: dict[str, object],
) -> None:
    buffer = framed(OLD) + framed(newer) + framed({**OLD, "seq": 3})
    records, length, unreadable = decode(buffer)
    assert [record.seq for record in records] == [1, 2, 3]
    assert (records[1].kind, records[1].data) == (newer["kind"], newer["data"])
    assert (length, unreadable) == (len(buffer), 0)


@pytest.mark.parametrize(
    "body", [b"[]", b"\xff", b"{", {**OLD, "seq": "2"}, {**OLD, "wall": -1}, {"seq": 2}]
)
def test_a_whole_body_that_is_no_record_is_read_over_and_counted(body: object) -> None:
    buffer = framed(OLD) + framed(body) + framed({**OLD, "seq": 3})
    records, length, unreadable = decode(buffer)
    assert [record.seq for record in records] == [1, 3]
    assert (length, unreadable) == (len(buffer), 1)
