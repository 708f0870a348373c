"""A journal's bytes: each torn end, what is whole and cannot be read, and how records begin."""

import json
import struct
import zlib

import pytest

from media.contract import journal
from media.contract.journal import JournalRecord, RecordKind, decode, encode
from media.contract.journal_data import PeerSample, RefusedData, SampleData

RECORD = JournalRecord("n1", "b1", 7, 1.5, 2.5, RecordKind.REFUSED, "\u8bfe", v=2)
WHOLE = encode(RECORD)


def framed(body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return struct.pack(">II", size, zlib.crc32(body)) + body


def test_a_record_lies_on_disk_as_its_page_says() -> None:
    length, checksum = struct.unpack(">II", WHOLE[:8])
    assert (length, checksum) == (len(WHOLE) - 8, zlib.crc32(WHOLE[8:]))
    assert json.loads(WHOLE[8:]) == {
        "node": "n1",
        "boot": "b1",
        "seq": 7,
        "mono": 1.5,
        "wall": 2.5,
        "kind": "refused",
        "stage": "\u8bfe",
        "peer": "",
        "subject": "",
        "role": "",
        "data": {},
        "v": 2,
    }
    assert "\u8bfe".encode() in WHOLE, "text as it is: an escape takes twice the octets"
    assert b" " not in WHOLE
    assert journal.VERSION == 2


@pytest.mark.parametrize("cut", [1, 4, 8, 9, len(WHOLE) - 1])
def test_a_record_that_is_cut_anywhere_ends_the_reading(cut: int) -> None:
    assert decode(WHOLE + WHOLE[:cut]) == ([RECORD], len(WHOLE), 0)
    assert decode(WHOLE[:cut]) == ([], 0, 0)


def test_nothing_is_read_of_nothing() -> None:
    assert decode(b"") == ([], 0, 0)


def test_a_changed_octet_ends_the_reading() -> None:
    broken = WHOLE[:-1] + bytes([WHOLE[-1] ^ 1])
    assert decode(WHOLE + broken + WHOLE) == ([RECORD], len(WHOLE), 0)


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"{}", b'{"node": "n1"}'])
def test_what_is_whole_and_cannot_be_read_is_counted_and_passed_over(body: bytes) -> None:
    buffer = framed(body) + WHOLE + framed(body)
    assert decode(buffer) == ([RECORD], len(buffer), 2)


def test_a_body_has_a_mebibyte_at_most() -> None:
    largest = framed(b" " * (1 << 20))
    assert decode(largest + WHOLE) == ([RECORD], len(largest) + len(WHOLE), 1)
    assert decode(framed(b" " * ((1 << 20) + 1)) + WHOLE) == ([], 0, 0)


def test_a_newer_kind_or_field_is_kept_and_an_old_record_has_no_version() -> None:
    body = {"node": "n1", "boot": "b1", "seq": 7, "mono": 1.5, "wall": 2.5, "kind": "newer", "x": 1}
    (read,), _length, unreadable = decode(framed(json.dumps(body).encode()))
    assert (read.kind, read.v, read.data, unreadable) == ("newer", 1, {}, 0)


@pytest.mark.parametrize(
    "change", [{"seq": -1}, {"seq": 1.0}, {"wall": -1}, {"v": -1}, {"kind": 7}, {"data": []}]
)
def test_an_ill_typed_record_cannot_be_read(change: dict[str, object]) -> None:
    body = {**json.loads(WHOLE[8:]), **change}
    assert decode(framed(json.dumps(body).encode())).unreadable == 1


def test_half_a_surrogate_pair_is_refused_or_replaced() -> None:
    record = JournalRecord("n1", "b1", 7, 1.5, 2.5, "refused", "a\ud800b")
    with pytest.raises(UnicodeEncodeError):
        encode(record)
    (read,), _length, _unreadable = decode(encode(record, "replace"))
    assert read.stage == "a?b"


def test_a_sample_has_milliseconds_and_three_numbers() -> None:
    assert PeerSample(1.00049, 2, 3).to_list() == [1.0, 2, 3]
    assert PeerSample(1.0006, 2, 3).to_list() == [1.001, 2, 3]
    read = SampleData.model_validate_json('{"peers": {"p1": [1.5, 2, 3]}}')
    assert read.peers == {"p1": (1.5, 2, 3)}


def test_a_refusal_stands_for_itself_unless_it_counts() -> None:
    read = RefusedData.model_validate_json('{"reason": "expired"}')
    assert (read.reason, read.grant, read.count) == ("expired", "", 1)
