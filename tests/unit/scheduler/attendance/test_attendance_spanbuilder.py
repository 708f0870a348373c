"""The translator from a node's seconds to evidence: exact cases, then chaos."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.attendance.compute import attend
from scheduler.attendance.evidence import EVIDENCE_KINDS, Fact, Interval, NewFact
from scheduler.attendance.ledger import unknown_part
from scheduler.attendance.policy import DEFAULT_POLICY
from scheduler.attendance.spanbuilder import SpanBuilder
from scheduler.attendance.spans import union
from scheduler.attendance.tables import FactKind

K = FactKind
T0 = 1_800_000_000.0
STAGE, ROOM, HOST = "lesson-1", "room:r1", "room:r0"

Call = Callable[[SpanBuilder], None]
Spans = dict[FactKind, list[tuple[float, float]]]


def read(calls: Iterable[Call], boot: str = "b1") -> list[NewFact]:
    builder = SpanBuilder()
    builder.node_started(boot, T0 - 100)
    for call in calls:
        call(builder)
    return builder.flush()


def evidence(facts: Iterable[NewFact]) -> Spans:
    found: Spans = {}
    for fact in facts:
        if fact.kind in EVIDENCE_KINDS:
            start, end = (t.timestamp() - T0 for t in (fact.starts_at, fact.ends_at))
            found.setdefault(fact.kind, []).append((round(start, 3), round(end, 3)))
    return found


def connected(peer: str = "p1", at: float = 0.0, subject: str = ROOM, role: str = "LEG") -> Call:
    return lambda b: b.peer_connected(peer, subject, role, STAGE, T0 + at)


def sample(at: float, heard: float, packets: int, peer: str = "p1") -> Call:
    return lambda b: b.sample(peer, T0 + at, T0 + heard, packets, packets * 1000)


def left(at: float, heard: float, peer: str = "p1") -> Call:
    return lambda b: b.peer_left(peer, T0 + at, T0 + heard, "gone")


def report(
    at: float, frames: int, level: float = 0.1, muted: bool = False, playing: bool = True
) -> Call:
    return lambda b: b.report(ROOM, STAGE, T0 + at, frames, level, muted, playing)


def test_evidence_ends_where_the_peer_was_last_heard() -> None:
    """Packets still flow to a dead peer for seconds: they prove nothing."""
    calls = [connected()]
    calls += [sample(t, min(t - 0.2, 2.8), t * 100) for t in range(1, 9)]
    assert evidence(read([*calls, left(9, 2.8)])) == {
        K.CONNECTED: [(0, 2.8)],
        K.RECEIVED: [(0, 2.8)],
    }


def test_a_peer_heard_again_within_five_seconds_was_there() -> None:
    calls = [connected(), sample(1, 1, 10), sample(2, 1, 20), sample(3, 3, 30)]
    assert evidence(read(calls)) == {K.CONNECTED: [(0, 3)], K.RECEIVED: [(0, 3)]}


def test_a_peer_silent_for_longer_was_away_meanwhile() -> None:
    calls = [connected()] + [sample(t, 1 if t < 8 else t, t * 10) for t in range(1, 10)]
    assert evidence(read(calls)) == {
        K.CONNECTED: [(0, 1), (8, 9)],
        K.RECEIVED: [(0, 1), (8, 9)],
    }


def test_no_packets_is_connected_and_not_received() -> None:
    calls = [connected(), sample(1, 1, 0), sample(2, 2, 5), sample(3, 3, 5)]
    assert evidence(read(calls)) == {K.CONNECTED: [(0, 3)], K.RECEIVED: [(1, 2)]}


def test_a_pause_in_the_samples_is_a_hole() -> None:
    calls = [connected(), sample(1, 1, 10), sample(5, 5, 50), sample(6, 6, 60)]
    assert evidence(read(calls)) == {
        K.CONNECTED: [(0, 1), (5, 6)],
        K.RECEIVED: [(0, 1), (5, 6)],
    }


def test_shown_is_frames_that_grew_between_two_reports() -> None:
    calls = [report(1, 0), report(2, 25), report(3, 50), report(4, 50), report(5, 75)]
    found = evidence(read(calls))
    assert found[K.SHOWN] == [(1, 3), (4, 5)]
    assert found[K.REPORTED] == [(1, 5)]


def test_a_report_after_a_pause_proves_only_from_itself_on() -> None:
    calls = [report(1, 0), report(2, 25), report(5.5, 90), report(6.5, 115)]
    assert evidence(read(calls))[K.SHOWN] == [(1, 2), (5.5, 6.5)]


def test_a_reload_resets_the_frames_and_a_new_transport_dates_them() -> None:
    calls = [connected(), report(1, 500), report(2, 525), left(2.4, 2.4)]
    calls += [connected("p2", 3.5), report(4, 8), report(5, 33)]
    assert evidence(read(calls))[K.SHOWN] == [(1, 2), (3.5, 5)]


@pytest.mark.parametrize(
    ("level", "muted", "playing", "heard"),
    [
        (0.0031, False, True, True),
        (0.003, False, True, False),
        (0.5, True, True, False),
        (0.5, False, False, False),
    ],
)
def test_heard_needs_sound_a_loudspeaker_and_playing(
    level: float, muted: bool, playing: bool, heard: bool
) -> None:
    calls = [report(1, 0), report(2, 25, level, muted, playing)]
    assert evidence(read(calls)).get(K.HEARD) == ([(1, 2)] if heard else None)


def test_muting_is_noted_when_it_changes() -> None:
    calls = [report(t, t * 25, muted=t in (2, 3)) for t in range(1, 6)]
    moments = [f for f in read(calls) if f.kind is K.MUTED]
    assert [(f.starts_at.timestamp() - T0, f.data["muted"]) for f in moments] == [
        (2, True),
        (4, False),
    ]


def test_a_killed_node_leaves_what_it_sampled() -> None:
    calls = [connected(), sample(1, 1, 10), sample(2, 2, 20), report(1, 0), report(2, 25)]
    calls += [lambda b: b.stage_opened(STAGE, T0)]
    calls += [lambda b: b.node_started("b2", T0 + 4)]
    calls += [connected("p2", 5), sample(6, 6, 10, "p2"), report(6, 30), report(7, 55)]
    facts = read(calls)
    assert evidence(facts) == {
        K.CONNECTED: [(0, 2), (5, 6)],
        K.RECEIVED: [(0, 2), (5, 6)],
        K.REPORTED: [(0, 2), (5, 7)],
        K.SHOWN: [(1, 2), (6, 7)],
        K.HEARD: [(0, 2), (5, 7)],
    }
    assert {f.boot for f in facts if f.starts_at.timestamp() < T0 + 3} == {"b1"}
    assert {f.boot for f in facts if f.starts_at.timestamp() > T0 + 3} == {"b2"}
    assert [f.lesson_id for f in facts if f.kind is K.NODE_STARTED] == [STAGE]


def test_moments_and_roles() -> None:
    calls: list[Call] = [
        lambda b: b.stage_opened(STAGE, T0),
        connected("h", 0, HOST, "HOST"),
        lambda b: b.peer_connected("h2", HOST, "HOST", STAGE, T0 + 1, grant="view"),
        lambda b: b.peer_connected("c", ROOM, "LEG", STAGE, T0 + 1, grant="publish"),
        lambda b: b.taken_over("h", "h3", T0 + 2),
        left(2, 1.9, "h"),
        lambda b: b.refused(STAGE, ROOM, T0 + 3, "expired"),
        lambda b: b.refused(STAGE, "", T0 + 3, "bad-signature"),
        lambda b: b.stage_closed(STAGE, T0 + 4, "ended"),
    ]
    facts = read(calls)
    assert [(f.kind, f.subject, f.role) for f in facts if f.kind not in EVIDENCE_KINDS] == [
        (K.STAGE_OPENED, "", ""),
        (K.JOINED, HOST, "HOST"),
        (K.JOINED, HOST, "BESIDE"),
        (K.JOINED, ROOM, "BESIDE"),
        (K.TAKEN_OVER, HOST, "HOST"),
        (K.LEFT, HOST, "HOST"),
        (K.REFUSED, ROOM, ""),
        (K.STAGE_CLOSED, "", ""),
    ]
    (gone,) = [f for f in facts if f.kind is K.LEFT]
    assert gone.starts_at == datetime.fromtimestamp(T0 + 1.9, UTC)
    assert gone.data == {"reason": "gone", "packets": 0, "octets": 0}
    assert facts[1].room_id == "r0"


def test_every_name_fits_its_column() -> None:
    long = "person:" + "f" * 57
    builder = SpanBuilder("b" * 32)
    builder.peer_connected("p" * 32, long, "GUEST", "l" * 16, T0)
    builder.report(long, "l" * 16, T0 + 1, 1, 0.5, True)
    builder.refused("l" * 16, long, T0 + 1, "expired")
    builder.stage_opened("l" * 16, T0)
    assert [len(f.peer) <= 32 for f in builder.flush()] == [True] * 5


def test_a_stage_that_is_no_lesson_leaves_nothing() -> None:
    builder = SpanBuilder("b1")
    for stage in ("", "x" * 17):
        builder.stage_opened(stage, T0)
        builder.peer_connected("p", ROOM, "LEG", stage, T0)
        builder.sample("p", T0 + 1, T0 + 1, 10, 10)
        builder.report(ROOM, stage, T0 + 1, 5, 0.5, True)
        builder.refused(stage, ROOM, T0 + 2, "expired")
        builder.stage_closed(stage, T0 + 3)
    assert builder.flush() == []


def test_a_terminal_that_is_forgotten_leaves_its_last_short_piece() -> None:
    """Half a minute in a lesson, then the plug: what was held back is written before the end."""
    builder = SpanBuilder()
    builder.node_started("b1", T0 - 100)
    calls = [connected(), *(report(t, t * 20) for t in range(1, 31)), left(31, 30)]
    for call in calls:
        call(builder)
    stored = builder.flush(1, hold=300.0)
    for t in range(40, 140, 10):  # another room goes on, so that time does
        builder.report("room:r2", STAGE, T0 + t, t, 0.1, False)
        stored += builder.flush(t, hold=300.0)
    mine = [fact for fact in stored if fact.subject == ROOM]
    assert evidence(mine)[K.SHOWN] == [(1, 30)]
    assert evidence(mine)[K.HEARD] == [(0, 30)]


def test_hold_keeps_a_lesson_to_few_rows_and_loses_nothing() -> None:
    builder, stored = SpanBuilder("b1"), []
    connected()(builder)
    for t in range(1, 2401):
        sample(t, t, t * 10)(builder)
        report(t + 0.5, t * 25)(builder)
        if t % 2 == 0:
            stored += builder.flush(t, hold=300.0)
            builder = SpanBuilder.restore(json.loads(json.dumps(builder.snapshot())))
    assert 30 < len(stored) <= 1 + 5 * 8  # joined, and 40 minutes of each kind in 300 s pieces
    stored += builder.flush()
    kinds = {kind: union([f.interval for f in as_facts(stored) if f.kind is kind]) for kind in K}
    assert [round(one.seconds) for one in kinds[K.CONNECTED]] == [2400]
    assert [round(one.seconds) for one in kinds[K.SHOWN]] == [2399]


def as_facts(facts: Iterable[NewFact]) -> list[Fact]:
    return [Fact(f.kind, f.starts_at, f.ends_at, f.subject, f.role, f.data) for f in facts]


# --- chaos ---------------------------------------------------------------------------------------


@dataclass
class World:
    """A made-up lesson as its node would write it down: (when, call) in order."""

    random: Random
    boot: int = 1
    records: list[Call] = field(default_factory=list)

    def play(self, seconds: int) -> None:
        random, peers, frames = self.random, {}, {"room:r1": 0, "room:r2": 0}
        now, number = T0, 0
        for _ in range(seconds):
            now += random.choice([1.0, 1.0, 1.0, 1.03, 0.97, 2.4, 4.5])
            roll = random.random()
            if roll < 0.15:
                number += 1
                self._connect(f"peer-{number}", random.choice(list(frames)), now, peers)
            elif roll < 0.22 and peers:
                self._leave(random.choice(list(peers)), now, peers)
            elif roll < 0.25:
                self.boot += 1
                peers.clear()
            for peer in peers:
                self._sample(peer, now, peers)
            for subject in frames:
                self._report(subject, now + 0.3, frames)

    def _note(self, at: float, call: Call) -> None:
        """Every record names its boot, and its reader looks (server/evidence.py)."""
        boot = f"boot-{self.boot}"

        def record(builder: SpanBuilder) -> None:
            builder.node_started(boot, at)
            call(builder)

        self.records.append(record)

    def _connect(self, peer: str, subject: str, at: float, peers: dict[str, list[float]]) -> None:
        peers[peer] = [at, 0]
        self._note(at, lambda b: b.peer_connected(peer, subject, "LEG", STAGE, at))

    def _leave(self, peer: str, at: float, peers: dict[str, list[float]]) -> None:
        heard = peers.pop(peer)[0]
        self._note(at, lambda b: b.peer_left(peer, at, heard, "gone"))

    def _sample(self, peer: str, at: float, peers: dict[str, list[float]]) -> None:
        state = peers[peer]
        state[0] = at - self.random.random() if self.random.random() < 0.8 else state[0]
        state[1] += self.random.choice([0, 50, 50, 50])
        heard, packets = state[0], int(state[1])
        self._note(at, lambda b: b.sample(peer, at, heard, packets, packets))

    def _report(self, subject: str, at: float, frames: dict[str, int]) -> None:
        random = self.random
        if random.random() < 0.15:
            return
        grown = frames[subject] + random.choice([0, 25, 25])
        frames[subject] = 3 if random.random() < 0.05 else grown
        total, level, muted = frames[subject], random.choice([0.0, 0.2]), random.random() < 0.1
        self._note(at, lambda b: b.report(subject, STAGE, at, total, level, muted))


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
