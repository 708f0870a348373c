"""Journal records become evidence: every kind is understood, and a bad record harms nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from media.contract.journal import JournalRecord, RecordKind
from scheduler.evidence.intervals import NewFact
from scheduler.evidence.span_builder import SpanBuilder
from scheduler.evidence.tables import FactKind
from server.jobs.evidence import _TRANSLATIONS, BadRecord, feed

T = 1_700_000_000.0


class Tape:
    """Writes records as a node would."""

    def __init__(self, boot: str = "b1") -> None:
        self.boot, self.seq = boot, 0
        self.records: list[JournalRecord] = []

    def add(self, kind: RecordKind, at: float, **fields: Any) -> None:
        self.seq += 1
        record = JournalRecord("n1", self.boot, self.seq, at, T + at, kind, **fields)
        self.records.append(record)

    def someone(self, kind: RecordKind, at: float, **data: Any) -> None:
        self.add(kind, at, stage="lesson", peer="p1", subject="room:r1", role="LEG", data=data)


def a_short_attendance() -> Tape:
    tape = Tape()
    tape.add(RecordKind.NODE_STARTED, 0)
    tape.add(RecordKind.STAGE_OPENED, 0, stage="lesson")
    tape.someone(RecordKind.PEER_CONNECTED, 1, grant="view", slot="main")
    tape.someone(RecordKind.FIRST_MEDIA, 1.1)
    for second in (2, 3, 4):
        sample = [T + second, second * 100, second * 90_000]
        tape.add(RecordKind.SAMPLE, second, stage="lesson", data={"peers": {"p1": sample}})
        report = {"frames": second * 25, "audio_level": 0.1, "muted": False, "playing": True}
        tape.someone(RecordKind.REPORT, second, **report)
    tape.someone(RecordKind.PEER_SILENT, 5, last_heard=T + 4)
    tape.someone(RecordKind.PEER_LEFT, 6, last_heard=T + 4, reason="silent")
    tape.add(RecordKind.STAGE_CLOSED, 7, stage="lesson", data={"reason": "ended"})
    return tape


def facts_of(records: list[JournalRecord]) -> list[NewFact]:
    builder = SpanBuilder()
    for record in records:
        feed(builder, record)
    return builder.flush()


def seconds(facts: list[NewFact], kind: FactKind) -> list[tuple[float, float]]:
    return [
        (fact.starts_at.timestamp() - T, fact.ends_at.timestamp() - T)
        for fact in facts
        if fact.kind is kind
    ]


def test_an_attendance_becomes_its_intervals_and_moments() -> None:
    facts = facts_of(a_short_attendance().records)
    assert seconds(facts, FactKind.CONNECTED) == [(1, 4)]
    assert seconds(facts, FactKind.RECEIVED) == [(1, 4)]
    assert seconds(facts, FactKind.SHOWN)[-1][1] == 4
    assert seconds(facts, FactKind.HEARD)[-1][1] == 4
    for kind, at in {
        FactKind.STAGE_OPENED: 0,
        FactKind.JOINED: 1,
        FactKind.LEFT: 4,
        FactKind.STAGE_CLOSED: 7,
    }.items():
        assert seconds(facts, kind) == [(at, at)], kind
    assert {fact.room_id for fact in facts if fact.subject} == {"r1"}


def test_a_change_of_boot_ends_what_was_open_at_its_last_evidence() -> None:
    tape = a_short_attendance()
    open_records = [r for r in tape.records if r.wall <= T + 4]
    later = Tape("b2")
    later.add(RecordKind.NODE_STARTED, 60)
    facts = facts_of(open_records + later.records)
    assert seconds(facts, FactKind.CONNECTED) == [(1, 4)]
    (started,) = [fact for fact in facts if fact.kind is FactKind.NODE_STARTED]
    assert started.boot == "b2"
    assert started.starts_at == datetime.fromtimestamp(T + 60, UTC)


def test_takeovers_and_proven_refusals_are_facts() -> None:
    tape = Tape()
    tape.someone(RecordKind.PEER_CONNECTED, 1)
    tape.someone(RecordKind.TAKEN_OVER, 2, by="p2")
    tape.add(
        RecordKind.REFUSED,
        3,
        stage="lesson",
        subject="room:r2",
        data={"reason": "expired", "grant": "view"},
    )
    tape.add(RecordKind.REFUSED, 4, stage="lesson", data={"reason": "malformed", "grant": "view"})
    facts = facts_of(tape.records)
    assert seconds(facts, FactKind.TAKEN_OVER) == [(2, 2)]
    refused = [fact for fact in facts if fact.kind is FactKind.REFUSED]
    assert [(fact.subject, fact.data["reason"]) for fact in refused] == [("room:r2", "expired")]


def test_every_kind_of_record_has_its_translation() -> None:
    assert set(_TRANSLATIONS) == set(RecordKind)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (RecordKind.SAMPLE, {}),
        (RecordKind.SAMPLE, {"peers": {"p1": [1]}}),
        (RecordKind.SAMPLE, {"peers": {"p1": [T, 1, 1], "p2": "many"}}),
        (RecordKind.REPORT, {"frames": 1}),
        (RecordKind.REPORT, {"frames": "x", "audio_level": 0, "muted": 0, "playing": 0}),
        (RecordKind.PEER_LEFT, {"last_heard": None}),
        (RecordKind.TAKEN_OVER, {}),
        (RecordKind.REFUSED, {}),
    ],
)
def test_a_bad_record_is_named_and_changes_nothing(kind: RecordKind, data: dict[str, Any]) -> None:
    tape = a_short_attendance()
    middle = len(tape.records) // 2
    bad = replace(tape.records[middle], kind=kind, data=data, seq=999)
    builder = SpanBuilder()
    for record in tape.records[:middle]:
        feed(builder, record)
    before = builder.snapshot()
    with pytest.raises(BadRecord, match="record 999"):
        feed(builder, bad)
    assert builder.snapshot() == before
