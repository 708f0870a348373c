"""The translator from a node's seconds to evidence, in exact cases."""

import json
from datetime import UTC, datetime

import pytest

from scheduler.evidence.intervals import EVIDENCE_KINDS
from scheduler.evidence.span_builder import SpanBuilder
from scheduler.evidence.spans import union
from scheduler.evidence.tables import FactKind
from tests.support.node_records import (
    HOST,
    ROOM,
    STAGE,
    T0,
    Call,
    as_facts,
    connected,
    evidence,
    left,
    read,
    report,
    sample,
)

K = FactKind


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
