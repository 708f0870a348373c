"""The translator from a node's seconds to evidence, by chance: killed, read again, cut anywhere."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.evidence.attendance import attend
from scheduler.evidence.intervals import EVIDENCE_KINDS, Interval, NewFact
from scheduler.evidence.ledger import unknown_part
from scheduler.evidence.policy import DEFAULT_POLICY
from scheduler.evidence.span_builder import SpanBuilder
from scheduler.evidence.spans import union
from scheduler.evidence.tables import FactKind
from tests.support.node_records import T0, Call, World, as_facts, connected, left, report, sample


@dataclass
class Ledger:
    """The table's rule in memory: unique keys, the rest of what begins alike."""

    known: dict[tuple[str, str, FactKind, datetime], datetime] = field(default_factory=dict)
    facts: list[NewFact] = field(default_factory=list)

    def append(self, facts: Iterable[NewFact]) -> None:
        fresh = (unknown_part(fact, self.known) for fact in facts)
        self.facts += [fact for fact in fresh if fact is not None]

    def evidence(self) -> dict[tuple[str, FactKind], tuple[Interval, ...]]:
        found: dict[tuple[str, FactKind], list[Interval]] = {}
        for fact in as_facts(self.facts):
            if fact.kind in EVIDENCE_KINDS:
                found.setdefault((fact.subject, fact.kind), []).append(fact.interval)
        return {key: union(intervals) for key, intervals in found.items()}

    def moments(self) -> set[tuple[str, FactKind, datetime]]:
        return {
            (fact.subject, fact.kind, fact.starts_at)
            for fact in self.facts
            if fact.kind not in EVIDENCE_KINDS and fact.kind is not FactKind.MUTED
        }


def whole(records: list[Call]) -> Ledger:
    ledger, builder = Ledger(), SpanBuilder()
    for call in records:
        call(builder)
    ledger.append(builder.flush())
    return ledger


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(5, 60))
def test_cut_killed_reread_and_flushed_anywhere_the_evidence_is_the_same(
    seed: int, seconds: int
) -> None:
    random = Random(seed)
    world = World(random)
    world.play(seconds)
    records = world.records
    expected = whole(records)
    ledger, builder, at = Ledger(), SpanBuilder(), 0
    stored: tuple[int, str] = (0, json.dumps(builder.snapshot()))
    while at < len(records):
        roll = random.random()
        if roll < 0.12:  # one transaction: facts, snapshot, position
            ledger.append(builder.flush(at, hold=random.choice([0.0, 3.0, 60.0])))
            stored = (at, json.dumps(builder.snapshot()))
        elif roll < 0.16:  # killed: goes on from what was stored
            at, builder = stored[0], SpanBuilder.restore(json.loads(stored[1]))
        elif roll < 0.19:  # another reader, without any memory, reads a stretch again
            other = SpanBuilder()
            for call in records[random.randint(0, at) : at]:
                call(other)
            ledger.append(other.flush(at))
        elif roll < 0.22:  # the same reader is handed older records again
            at = max(0, at - random.randint(0, 12))
        else:
            records[at](builder)
            at += 1
    ledger.append(builder.flush(at))
    assert ledger.evidence() == expected.evidence()
    assert ledger.moments() == expected.moments()


@settings(max_examples=60, deadline=None)
@given(
    st.floats(3, 40), st.floats(6, 30), st.floats(0.01, 0.99), st.floats(0.01, 0.99), st.booleans()
)
def test_a_gap_is_dated_within_two_seconds_of_the_truth(
    lost: float, away: float, phase: float, report_phase: float, reload: bool
) -> None:
    """A terminal shows from 0.3 s, dies at `lost`, and shows again from `lost + away` on."""
    back, end = lost + away, lost + away + 30
    builder, frames, second = SpanBuilder("b1"), 0, 0
    connected("p1", 0)(builder)
    events: list[tuple[float, Call]] = [(back, connected("p2", back))]
    events.append((lost + 30.5, left(lost + 30.5, int(lost / 0.4) * 0.4)))
    while second < end:
        at = second + phase
        heard = int(min(at, lost) / 0.4) * 0.4
        if at < lost + 30.4:
            events.append((at, sample(at, heard, int(at * 100) + 1)))
        if at > back:
            again = back + int((at - back) / 0.4) * 0.4
            events.append((at, sample(at, again, int((at - back) * 100) + 1, "p2")))
        at = second + report_phase
        if 0.3 < at < lost or at > back + 0.2:
            new_page = reload and at > back
            shown_for = at - back if new_page else at if at < lost else at - away
            frames = max(int(shown_for * 25), 1)
            events.append((at, report(at, frames)))
        second += 1
    for _, call in sorted(events, key=lambda event: event[0]):
        call(builder)
    start = datetime.fromtimestamp(T0, UTC)
    actual = Interval(start, start + timedelta(seconds=end))
    leg = attend(actual, actual, as_facts(builder.flush()), DEFAULT_POLICY)
    (gap,) = leg.gaps
    assert abs((gap.starts_at - start).total_seconds() - lost) <= 2
    assert abs((gap.ends_at - start).total_seconds() - back) <= 2
    assert leg.joined_at is not None
    assert (leg.joined_at - start).total_seconds() <= 2
