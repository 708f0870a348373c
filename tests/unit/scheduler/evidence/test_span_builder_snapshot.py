"""What a span builder keeps between two flushes, and for how long."""

import json

import pytest

from scheduler.evidence.span_builder import SpanBuilder
from tests.support.node_records import ROOM, STAGE, T0, connected, evidence, left, report, sample


@pytest.fixture
def builder() -> SpanBuilder:
    return SpanBuilder("b1")


def again(builder: SpanBuilder) -> SpanBuilder:
    return SpanBuilder.restore(json.loads(json.dumps(builder.snapshot())))


def reports(builder: SpanBuilder) -> list[str]:
    """Return the subjects whose reports are kept."""
    kept = builder.snapshot()["reports"]
    assert isinstance(kept, list)
    return [values[2] for values in kept]


def test_a_new_builder_keeps_nothing() -> None:
    empty = {"boot": "", "latest": 0.0, "stages": [], "peers": [], "reports": []}
    assert SpanBuilder().snapshot() == empty
    assert SpanBuilder.restore({}).snapshot() == empty


def test_a_snapshot_holds_what_is_open(builder: SpanBuilder) -> None:
    builder.stage_opened("lesson-2", T0)
    builder.stage_opened(STAGE, T0)
    connected()(builder)
    sample(1, 1, 5)(builder)
    report(1.5, 7)(builder)
    builder.flush()
    found = builder.snapshot()
    assert {name: found[name] for name in ("boot", "latest", "stages")} == {
        "boot": "b1",
        "latest": T0 + 1.5,
        "stages": [STAGE, "lesson-2"],
    }
    assert found["peers"] == [
        ["b1", "p1", ROOM, "LEG", STAGE, T0, T0 + 1, T0 + 1, 5, 5000, [], [], []]
    ]
    assert isinstance(found["reports"], list)
    assert [values[5:9] for values in found["reports"]] == [[T0 + 1.5, T0, 7, False]]


def test_a_restored_builder_goes_on(builder: SpanBuilder) -> None:
    builder.stage_opened(STAGE, T0)
    connected()(builder)
    sample(1, 1, 5)(builder)
    report(1, 7)(builder)
    builder.flush(hold=60.0)
    other = again(builder)
    assert other.snapshot() == builder.snapshot()
    for one in (builder, other):
        sample(2, 2, 9)(one)
        report(2, 9)(one)
        left(3, 2.5)(one)
        one.node_started("b2", T0 + 4)
    assert other.flush(3) == builder.flush(3)


def test_the_latest_moment_is_that_of_whoever_came_last(builder: SpanBuilder) -> None:
    connected("p1", 5)(builder)
    assert builder.snapshot()["latest"] == T0 + 5
    connected("p2", 3)(builder)
    assert builder.snapshot()["latest"] == T0 + 5
    report(7, 1)(builder)
    assert builder.snapshot()["latest"] == T0 + 7
    report(6, 1)(builder)
    assert builder.snapshot()["latest"] == T0 + 7


@pytest.mark.parametrize(("silence", "kept"), [(60.0, [ROOM]), (60.1, [])])
def test_reports_are_kept_for_a_minute_after_the_last(
    builder: SpanBuilder, silence: float, kept: list[str]
) -> None:
    report(1, 5)(builder)
    report(2, 9)(builder)
    builder.peer_connected("p9", "room:r9", "PATROL", "lesson-9", T0 + 2 + silence, "view")
    found = builder.flush(hold=300.0)
    assert [one for one in reports(builder) if one == ROOM] == kept
    assert bool(evidence(found)) is not bool(kept), "what was held is written with the end"


def test_reports_are_kept_while_their_transport_lives(builder: SpanBuilder) -> None:
    connected()(builder)
    report(1, 5)(builder)
    builder.report("room:r2", STAGE, T0 + 100, 1, 0.1, False)
    builder.flush()
    assert reports(builder) == [ROOM, "room:r2"]
    left(101, 100)(builder)
    builder.flush()
    assert reports(builder) == ["room:r2"]


def test_a_new_run_keeps_no_peer_and_no_report_of_the_old_one(builder: SpanBuilder) -> None:
    connected()(builder)
    report(1, 5)(builder)
    report(2, 9)(builder)
    builder.node_started("b2", T0 + 3)
    kept = builder.snapshot()
    assert (kept["boot"], kept["peers"], kept["reports"]) == ("b2", [], [])
    assert {fact.boot for fact in builder.flush()} == {"b1"}
