"""The relay's figures as the page 系统 shows them: names for ids, the worst first."""

from typing import Any

import pytest

from media.contract.stats import NodeStats, StageStats, ViewerStats
from media.contract.subjects import Subject
from tests.support.figures import SENT, TRACK, node_of, publisher_stats, viewer_stats
from web.admin.system.traffic import SHOWN_AT_ONCE, CountyLesson, stage_rows, subjects


def viewer(subject: str, **figures: Any) -> ViewerStats:
    stream = SENT.model_copy(update={"pli_count": 1, "retransmitted_packets_sent": 3})
    well = {"fraction_lost": 0.0, "round_trip_time": 0.02, "packets_dropped": 0}
    return viewer_stats(subject, **{**well, "streams": (stream, stream), **figures})


def stage(*viewers: ViewerStats) -> StageStats:
    figures = {"missing": 1, "packets_lost": 2, "keyframes_asked": 5, "pli_count": 2}
    tracks = (
        TRACK.model_copy(update={**figures, "slot": slot}) for slot in ("main", "main", "screen")
    )
    publishers = (publisher_stats("person:p1"),)
    return StageStats(tracks=tuple(tracks), publishers=publishers, viewers=viewers)


def figures(*viewers: ViewerStats) -> dict[str, NodeStats]:
    return on("n1", stage(*viewers))


def on(node: str, stage: StageStats) -> dict[str, NodeStats]:
    """One node that carries lesson l1."""
    return {node: node_of({"l1": stage}, node=node)}


def test_rooms_people_and_lessons_are_named() -> None:
    stats = figures(viewer("room:r1"), viewer("room:unknown"))
    assert subjects(stats) == {"room:r1", "room:unknown", "person:p1"}
    names = {Subject.room("r1"): "白沙教学点", Subject.person("p1"): "陈老师"}
    (row,) = stage_rows(stats, names, {"l1": CountyLesson("望岳")})
    assert (row.title, row.node) == ("望岳", "n1")
    assert [one.name for one in row.viewers] == ["room:unknown", "白沙教学点"]
    assert [one.name for one in row.publishers] == ["陈老师"]


def test_a_lesson_that_the_county_does_not_know_keeps_its_id() -> None:
    (row,) = stage_rows(figures(), {}, {})
    assert (row.title, row.longest_round_trip) == ("l1", None)


def test_streams_and_tracks_are_added_up_for_whom_they_belong_to() -> None:
    (row,) = stage_rows(figures(viewer("room:r1")), {}, {})
    (watching,), (publishing,) = row.viewers, row.publishers
    assert (watching.keyframes, watching.resent) == (2, 6)
    assert (publishing.missing, publishing.lost) == (2, 4)
    assert (publishing.keyframes_asked, publishing.keyframes_sent) == (10, 4)
    assert publishing.granted == 2_500_000


def test_the_worst_lines_come_first() -> None:
    viewers = [
        viewer("room:a"),
        viewer("room:b", state="CONNECTING"),
        viewer("room:c", round_trip_time=0.5),
        viewer("room:d", fraction_lost=0.3),
        viewer("room:e", state="SILENT"),
    ]
    (row,) = stage_rows(figures(*viewers), {}, {})
    assert [one.name[-1] for one in row.viewers] == ["e", "d", "c", "b", "a"]
    assert row.longest_round_trip == 0.5


def test_of_many_viewers_those_in_trouble_are_shown_and_the_others_folded() -> None:
    many = [viewer(f"room:{number:02}") for number in range(SHOWN_AT_ONCE)]
    (row,) = stage_rows(figures(*many), {}, {})
    assert (len(row.shown), row.folded, row.troubled) == (SHOWN_AT_ONCE, (), 0)
    many += [viewer("room:x", fraction_lost=0.05), viewer("room:y", state="SILENT")]
    (row,) = stage_rows(figures(*many), {}, {})
    assert [one.name[-1] for one in row.shown] == ["y", "x"]
    assert (len(row.folded), row.troubled, row.states[0]) == (SHOWN_AT_ONCE, 2, "silent")
    (row,) = stage_rows(figures(*many), {}, {}, order="name")
    assert (len(row.shown), row.folded) == (SHOWN_AT_ONCE + 2, ())


@pytest.mark.parametrize(
    ("order", "first"),
    [("name", "a"), ("bitrate", "b"), ("loss", "c"), ("trip", "d"), ("dropped", "e")],
)
def test_whoever_sorts_has_the_worst_first(order: str, first: str) -> None:
    viewers = [
        viewer("room:e", packets_dropped=7),
        viewer("room:d", round_trip_time=0.2),
        viewer("room:c", fraction_lost=0.01),
        viewer("room:b", bitrate=900),
        viewer("room:a", round_trip_time=None),
    ]
    (row,) = stage_rows(figures(*viewers), {}, {}, order)
    assert row.shown[0].name == f"room:{first}"


def test_a_stage_tells_the_sum_of_its_viewers_and_the_worst_of_them() -> None:
    lossy = viewer("room:a", fraction_lost=0.04, packets_dropped=2)
    (row,) = stage_rows(figures(lossy, viewer("room:b", packets_dropped=3)), {}, {})
    assert (row.sent, row.dropped, row.keyframes) == (4_000_000, 5, 4)
    assert (row.fraction_lost, row.longest_round_trip) == (0.04, 0.02)


def test_who_gets_nothing_although_somebody_publishes_waits_for_a_picture() -> None:
    (row,) = stage_rows(figures(viewer("room:a", bitrate=0)), {}, {})
    assert (row.viewers[0].state, row.troubled) == ("waiting", 1)
    unpublished = StageStats(viewers=(viewer("room:a", bitrate=0),))
    (row,) = stage_rows(on("n1", unpublished), {}, {})
    assert (row.viewers[0].state, row.troubled) == ("good", 0)


def test_rooms_that_miss_a_live_lesson_are_named() -> None:
    names = {"a": "白沙教学点", "b": "山柑小学", "c": "第四小学"}
    rooms = {Subject.room(id_): name for id_, name in names.items()}
    nodes = figures(viewer("room:a")) | on("n2", stage(viewer("room:c")))
    both = stage_rows(nodes, {}, {"l1": CountyLesson("望岳", live=True, rooms=rooms)})
    assert [(row.node, row.absent, row.troubled, row.look) for row in both] == [
        ("n1", ("山柑小学",), 1, "bad"),
        ("n2", ("山柑小学",), 1, "bad"),
    ]
    (row, _other) = stage_rows(nodes, {}, {"l1": CountyLesson("望岳", live=False, rooms=rooms)})
    assert (row.absent, row.look) == ((), "good")


def test_a_live_lesson_that_no_node_knows_is_shown_all_the_same() -> None:
    taught = {
        "l1": CountyLesson("望岳", live=True, rooms={Subject.room("a"): "白沙教学点"}),
        "l2": CountyLesson("明天的课"),
    }
    (row,) = stage_rows({}, {}, taught)
    assert (row.title, row.node, row.absent, row.troubled) == ("望岳", "", ("白沙教学点",), 2)
    assert row.longest_round_trip is None


def test_a_stage_that_its_lesson_left_behind_is_not_shown() -> None:
    left, there = on("n1", StageStats()), on("n2", stage(viewer("room:r1")))
    taught = {"l1": CountyLesson("望岳", live=True)}
    (row,) = stage_rows(left | there, {}, taught)
    assert (row.node, len(row.viewers)) == ("n2", 1)
    (alone,) = stage_rows(left, {}, taught)
    assert alone.node == "n1"
    split = figures(viewer("room:r2")) | there
    assert [row.node for row in stage_rows(split, {}, taught)] == ["n1", "n2"]
