"""The journal on disk: torn tails, positions over restarts, acknowledged segments, a full disk."""

import errno
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from media.contract.journal import RecordKind, decode, encode
from media.node import journal as module
from media.node.journal import Journal, JournalBusy


def open_journal(folder: Path, boot: str = "b1") -> Journal:
    clock = itertools.count(1000.0)
    return Journal(folder, "n1", boot, lambda: next(clock), lambda: next(clock))


def fill(journal: Journal, count: int) -> None:
    for number in range(count):
        journal.append(RecordKind.REPORT, stage="l1", data={"number": number})


def test_records_are_on_disk_at_once_and_read_back(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    fill(journal, 3)
    records, good, _unreadable = decode((tmp_path / "journal-0000000000000001.log").read_bytes())
    assert [record.seq for record in records] == [1, 2, 3]
    assert good == sum(len(encode(record)) for record in records)
    assert journal.read_tail(1, 10) == records[1:]
    assert journal.read_tail(3, 10) == []
    assert journal.read_disk(0, 2) == records[:2]


def test_a_torn_tail_is_cut_and_the_sequence_goes_on(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    fill(journal, 3)
    journal.close()
    segment = tmp_path / "journal-0000000000000001.log"
    segment.write_bytes(segment.read_bytes()[:-5])
    again = open_journal(tmp_path, "b2")
    assert again.append(RecordKind.NODE_STARTED) == 3
    seen = [(record.seq, record.boot) for record in again.read_disk(0, 10)]
    assert seen == [(1, "b1"), (2, "b1"), (3, "b2")]


def test_a_flipped_bit_ends_the_reading(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    fill(journal, 2)
    raw = bytearray((tmp_path / "journal-0000000000000001.log").read_bytes())
    raw[-3] ^= 4
    assert [record.seq for record in decode(bytes(raw))[0]] == [1]


def test_acknowledged_segments_are_deleted_and_the_rest_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT_BYTES", 600)
    journal = open_journal(tmp_path)
    fill(journal, 20)
    before = sorted(tmp_path.glob("journal-*.log"))
    assert len(before) > 3
    journal.acknowledge(10)
    left = sorted(tmp_path.glob("journal-*.log"))
    assert len(left) < len(before)
    assert [record.seq for record in journal.read_disk(10, 100)] == list(range(11, 21))
    journal.acknowledge(10**9)
    assert len(sorted(tmp_path.glob("journal-*.log"))) == 1


def test_memory_that_reaches_not_far_enough_back_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TAIL_RECORDS", 5)
    journal = open_journal(tmp_path)
    fill(journal, 20)
    assert journal.read_tail(3, 100) is None
    assert [record.seq for record in journal.read_disk(3, 100)] == list(range(4, 21))
    assert [record.seq for record in journal.read_tail(15, 100) or []] == [16, 17, 18, 19, 20]


def test_a_journal_has_one_writer(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    with pytest.raises(JournalBusy):
        open_journal(tmp_path, "b2")
    journal.close()
    open_journal(tmp_path, "b2").close()


def full_disk(after: int) -> Callable[[int, bytes], int]:
    """An os.write that meets a full disk `after` times and then works again."""
    left = itertools.chain([True] * after, itertools.repeat(False))
    real = os.write

    def write(handle: int, data: bytes) -> int:
        if next(left):
            raise OSError(errno.ENOSPC, "no space")
        return real(handle, data)

    return write


def test_a_full_disk_drops_statistics_and_keeps_facts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = open_journal(tmp_path)
    journal.append(RecordKind.NODE_STARTED)
    monkeypatch.setattr(module.os, "write", full_disk(after=3))
    journal.append(RecordKind.SAMPLE)
    journal.append(RecordKind.PEER_LEFT, peer="p1")
    journal.append(RecordKind.SAMPLE)
    journal.append(RecordKind.PEER_LEFT, peer="p2")
    kinds = [(record.seq, record.kind) for record in journal.read_disk(0, 10)]
    assert kinds == [
        (1, RecordKind.NODE_STARTED),
        (3, RecordKind.PEER_LEFT),
        (5, RecordKind.PEER_LEFT),
    ]
    assert journal.dropped == 2


def test_half_a_surrogate_pair_loses_no_fact(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    assert journal.append(RecordKind.REFUSED, stage="\ud800") == 1
    assert [(r.seq, r.stage) for r in journal.read_disk(0, 9)] == [(1, "?")]


def test_what_cannot_be_written_takes_no_number(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    with pytest.raises(TypeError):
        journal.append(RecordKind.REPORT, data={"what": object()})
    assert journal.append(RecordKind.REPORT) == 1
    assert [record.seq for record in journal.read_disk(0, 9)] == [1]


def test_memory_holds_only_what_the_reader_lacks(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    fill(journal, 50)
    journal.acknowledge(40)
    assert journal.in_memory == 10
    tail = journal.read_tail(40, 99)
    assert tail is not None
    assert [record.seq for record in tail] == list(range(41, 51))
    assert journal.read_tail(39, 99) is None  # the disk still has it
    journal.acknowledge(50)
    assert journal.read_tail(50, 99) == []
