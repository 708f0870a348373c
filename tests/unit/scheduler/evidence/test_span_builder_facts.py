"""The facts of a span builder to the letter: moments, names, roles, and what it keeps."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from scheduler.evidence.intervals import NewFact
from scheduler.evidence.span_builder import SpanBuilder
from scheduler.evidence.tables import FactKind
from tests.support.node_records import (
    HOST,
    ROOM,
    STAGE,
    T0,
    connected,
    evidence,
    left,
    report,
    sample,
)

K = FactKind
OWN_SOCKET = "ws-" + sha256(b"lesson-1\0room:r1").hexdigest()[:24]
"""The name under which a terminal's reports stand in the ledger: part of a fact's key."""


@pytest.fixture
def builder() -> SpanBuilder:
    return SpanBuilder("b1")


def at(second: float) -> datetime:
    return datetime.fromtimestamp(T0 + second, UTC)


def moment(
    kind: FactKind, second: float, peer: str, subject: str = "", role: str = "", **data: object
) -> NewFact:
    when = at(second)
    return NewFact(STAGE, subject, role, "b1", 0, peer, kind, when, when, data)


def kept(builder: SpanBuilder) -> dict[str, object]:
    found: dict[str, object] = json.loads(json.dumps(builder.snapshot()))
    return found


def test_a_stage_opens_and_closes_under_its_own_name(builder: SpanBuilder) -> None:
    builder.stage_opened(STAGE, T0)
    assert kept(builder)["stages"] == [STAGE]
    builder.stage_closed(STAGE, T0 + 1)
    builder.stage_closed(STAGE, T0 + 2, "ended")  # said again, with its reason
    assert kept(builder)["stages"] == []
    assert builder.flush() == [
        moment(K.STAGE_OPENED, 0, "stage-lesson-1"),
        moment(K.STAGE_CLOSED, 1, "stage-lesson-1", reason=""),
        moment(K.STAGE_CLOSED, 2, "stage-lesson-1", reason="ended"),
    ]


def test_a_new_run_of_the_node_is_noted_on_the_stages_that_it_left_open(
    builder: SpanBuilder,
) -> None:
    for stage in ("lesson-3", "lesson-1", "lesson-2"):
        builder.stage_opened(stage, T0)
    builder.stage_closed("lesson-2", T0 + 1)
    builder.flush()
    builder.node_started("b1", T0 + 2)  # the run that speaks already
    assert builder.flush() == []
    builder.node_started("b2", T0 + 3)
    found = builder.flush()
    assert [(fact.kind, fact.lesson_id, fact.boot, fact.starts_at) for fact in found] == [
        (K.NODE_STARTED, "lesson-1", "b2", at(3)),
        (K.NODE_STARTED, "lesson-3", "b2", at(3)),
    ]
    builder.node_started("b3", T0 + 4)
    assert builder.flush() == []


def test_a_peer_comes_and_leaves_once(builder: SpanBuilder) -> None:
    connected()(builder)
    connected("p1", 5, HOST, "HOST")(builder)  # the same peer: nobody new
    sample(1, 1, 10)(builder)
    builder.sample("p1", T0 + 2, T0 + 2, 20, 5)  # octets of an older count
    builder.sample("p9", T0 + 2, T0 + 2, 20, 5)
    left(2.5, 2.25)(builder)
    left(3, 3)(builder)
    builder.taken_over("p1", "p2", T0 + 3)
    facts = builder.flush()
    assert [fact for fact in facts if fact.starts_at == fact.ends_at] == [
        moment(K.JOINED, 0, "p1", ROOM, "LEG"),
        moment(K.LEFT, 2.25, "p1", ROOM, "LEG", reason="gone", packets=20, octets=10_000),
    ]
    assert evidence(facts) == {K.CONNECTED: [(0, 2.25)], K.RECEIVED: [(0, 2)]}


def test_a_sample_is_dated_by_its_own_time_and_not_by_the_last_word(builder: SpanBuilder) -> None:
    connected()(builder)
    for second in (1, 2):
        sample(second, 0.5, 10 * second)(builder)
    left(2.5, 2.25)(builder)
    assert evidence(builder.flush()) == {K.CONNECTED: [(0, 2.25)], K.RECEIVED: [(0, 2)]}


@pytest.mark.parametrize(
    ("last_heard", "counted"), [(1.5, 1.5), (1.7, 1.7), (9.0, 1.7), (-5.0, 0.0)]
)
def test_a_peer_left_when_it_was_heard_last_within_its_time(
    builder: SpanBuilder, last_heard: float, counted: float
) -> None:
    """Heard after it left or before it came: a node's clock was set meanwhile."""
    connected()(builder)
    left(1.7, last_heard)(builder)
    facts = builder.flush()
    assert [fact.starts_at for fact in facts if fact.kind is K.LEFT] == [at(counted)]
    assert evidence(facts).get(K.CONNECTED, []) == ([(0, counted)] if counted else [])


def test_half_a_second_is_kept_though_short_evidence_is_held(builder: SpanBuilder) -> None:
    connected()(builder)
    left(0.5, 0.5)(builder)
    assert evidence(builder.flush(hold=300.0)) == {K.CONNECTED: [(0, 0.5)]}


def test_a_takeover_names_both(builder: SpanBuilder) -> None:
    connected()(builder)
    builder.taken_over("p1", "p2", T0 + 1)
    assert builder.flush()[1:] == [moment(K.TAKEN_OVER, 1, "p1", ROOM, "LEG", by="p2")]


def test_a_refusal_is_a_fact_of_the_subject_that_was_proven(builder: SpanBuilder) -> None:
    builder.refused(STAGE, ROOM, T0 + 1, "expired")
    name = "no-" + sha256(b"lesson-1\0room:r1").hexdigest()[:24]
    assert builder.flush() == [moment(K.REFUSED, 1, name, ROOM, reason="expired")]


def test_muting_is_a_fact_in_the_role_of_the_transport(builder: SpanBuilder) -> None:
    report(1, 5, muted=True)(builder)
    connected("p0", 1.5, HOST, "HOST")(builder)  # of somebody else
    report(2, 5)(builder)
    connected("p1", 2.5)(builder)
    report(3, 5, muted=True)(builder)
    facts = [fact for fact in builder.flush() if fact.kind is K.MUTED]
    assert facts == [
        moment(K.MUTED, 1, OWN_SOCKET, ROOM, "", muted=True),
        moment(K.MUTED, 2, OWN_SOCKET, ROOM, "", muted=False),
        moment(K.MUTED, 3, OWN_SOCKET, ROOM, "LEG", muted=True),
    ]


def test_reports_that_begin_after_the_transport_have_its_role(builder: SpanBuilder) -> None:
    for stage, subject, role in (
        ("lesson-2", HOST, "GUEST"),
        (STAGE, "room:r9", "LEG"),
        (STAGE, HOST, "HOST"),
    ):
        builder.peer_connected(f"{stage} {subject}", subject, role, stage, T0)
    for subject, role in ((HOST, "HOST"), ("room:r9", "LEG"), ("room:r7", "")):
        builder.report(subject, STAGE, T0 + 1, 5, 0.1, True)
        (muted,) = [fact for fact in builder.flush() if fact.kind is K.MUTED]
        assert (muted.subject, muted.role) == (subject, role)


@pytest.mark.parametrize(("role", "grant"), [("HOST", "view"), ("LEG", "publish")])
def test_a_transport_beside_dates_no_reports_and_gives_no_role(
    builder: SpanBuilder, role: str, grant: str
) -> None:
    report(1, 5)(builder)
    builder.peer_connected("p1", ROOM, role, STAGE, T0 + 1.5, grant=grant)
    report(2, 9)(builder)
    facts = builder.flush()
    assert evidence(facts)[K.SHOWN] == [(1, 2)]
    assert {fact.role for fact in facts if fact.kind is K.SHOWN} == {""}
    assert [fact.role for fact in facts if fact.kind is K.JOINED] == ["BESIDE"]
    builder.report("room:r2", STAGE, T0 + 3, 1, 0.1, False)
    builder.peer_connected("p2", "room:r3", role, STAGE, T0 + 3, grant=grant)
    builder.report("room:r3", STAGE, T0 + 4, 1, 0.1, True)
    assert [fact.role for fact in builder.flush() if fact.kind is K.MUTED] == [""]


def test_who_says_nothing_of_playing_plays(builder: SpanBuilder) -> None:
    for second in (1, 2):
        builder.report(ROOM, STAGE, T0 + second, 5, 0.1, False)
    assert evidence(builder.flush())[K.HEARD] == [(1, 2)]


def test_facts_carry_the_position_they_are_stored_with(builder: SpanBuilder) -> None:
    connected()(builder)
    assert [fact.seq for fact in builder.flush()] == [0]
    sample(1, 1, 5)(builder)
    assert [(fact.seq, fact.kind) for fact in builder.flush(7)] == [
        (7, K.CONNECTED),
        (7, K.RECEIVED),
    ]


def test_evidence_of_no_millisecond_is_left_out(builder: SpanBuilder) -> None:
    connected("p1", 0.001)(builder)
    sample(0.00125, 0.00125, 5)(builder)
    assert [fact.kind for fact in builder.flush()] == [K.JOINED]
    sample(0.002, 0.002, 9)(builder)
    assert evidence(builder.flush()) == {
        K.CONNECTED: [(0.001, 0.002)],
        K.RECEIVED: [(0.001, 0.002)],
    }
