"""The relay's figures as the page 系统 shows them: names for ids, the worst first."""

from typing import Any

import pytest

from web.admin.traffic import judged, stage_rows, subjects


def viewer(subject: str, **figures: Any) -> dict[str, Any]:
    stream = {"pli_count": 1, "retransmitted_packets_sent": 3}
    base = {
        "subject": subject,
        "state": "CONNECTED",
        "bitrate": 2_000_000,
        "fraction_lost": 0.0,
        "round_trip_time": 0.02,
        "packets_dropped": 0,
        "streams": [stream, stream],
    }
    return base | figures


def stage(*viewers: dict[str, Any]) -> dict[str, Any]:
    publisher = {
        "subject": "person:p1",
        "slot": "main",
        "state": "CONNECTED",
        "bitrate": 2_100_000,
        "available_bitrate": 2_500_000,
        "fraction_lost": 0.01,
    }
    track = {"missing": 1, "packets_lost": 2, "keyframes_asked": 5, "pli_count": 2}
    tracks = [{"slot": slot, **track} for slot in ("main", "main", "screen")]
    return {"tracks": tracks, "publishers": [publisher], "viewers": list(viewers)}


def figures(*viewers: dict[str, Any]) -> dict[str, Any]:
    return {"n1": {"stages": {"l1": stage(*viewers)}}}


def test_rooms_people_and_lessons_are_named() -> None:
    stats = figures(viewer("room:r1"), viewer("room:unknown"))
    assert subjects(stats, "room") == {"r1", "unknown"}
    assert subjects(stats, "person") == {"p1"}
    (row,) = stage_rows(stats, {"room:r1": "白沙教学点", "person:p1": "陈老师"}, {"l1": "望岳"})
    assert (row.title, row.node) == ("望岳", "n1")
    assert [one.name for one in row.viewers] == ["room:unknown", "白沙教学点"]
    assert [one.name for one in row.publishers] == ["陈老师"]


def test_a_lesson_that_the_county_does_not_know_keeps_its_id() -> None:
    (row,) = stage_rows(figures(), {}, {})
    assert (row.title, row.longest_round_trip) == ("l1", None)


def test_streams_and_tracks_are_added_up_for_whom_they_belong_to() -> None:
    (row,) = stage_rows(figures(viewer("room:r1")), {}, {})
    (watching,), (publishing,) = row.viewers, row.publishers
    assert (watching.keyframes, watching.again) == (2, 6)
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


@pytest.mark.parametrize(
    ("state", "lost", "trip", "look"),
    [
        ("CONNECTED", 0.0, None, "good"),
        ("CONNECTED", 0.02, 0.01, "warn"),
        ("CONNECTED", 0.0, 0.3, "warn"),
        ("CONNECTED", 0.1, 0.01, "bad"),
        ("SILENT", 0.0, 0.01, "silent"),
        ("NEW", 0.0, None, "joining"),
    ],
)
def test_what_is_said_of_a_line(state: str, lost: float, trip: float | None, look: str) -> None:
    assert judged(state, lost, trip) == look
