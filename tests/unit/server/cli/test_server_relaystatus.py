"""The lines of `tongke relay status`."""

import json
from dataclasses import replace

from media.contract.stats import NodeStats, StageStats
from server.cli.relay_status import node_lines
from tests.support.figures import node_figures, node_of, viewer_stats
from web.kit.ports import NodeStatus

STATUS = NodeStatus("n1", "http://n1", reachable=True, boot="b1", peers=2, stages=1)


def stats(cost: float | None) -> NodeStats:
    return node_figures("l1", "room:h", "room:a", cost)


def test_a_node_that_does_not_answer_has_one_line() -> None:
    away = NodeStatus("n2", "http://n2")
    assert node_lines(away, None) == ["n2  does not answer  0 stages  0 peers"]


def test_a_drained_node_is_marked_whether_it_answers_or_not() -> None:
    away = replace(STATUS, reachable=False)
    assert [node_lines(status, None, is_draining=True) for status in (STATUS, away)] == [
        ["n1  ready  takes no new lessons  1 stages  2 peers"],
        ["n1  does not answer  takes no new lessons  1 stages  2 peers"],
    ]


def test_a_node_its_stages_and_everybody_on_them() -> None:
    assert node_lines(STATUS, stats(7.1e-6)) == [
        "n1  ready  1 stages  2 peers  CPU 12.5%  7.1 us/packet  1000 sent  8 dropped",
        "  stage l1  1 viewers  2.00 Mbit/s sent  loss 5.0%  round trip 12.3 ms  "
        "keyframes: 5 asked, 2 sent  6 dropped",
        "    main video  H264  1 viewers  0 waiting  upstream: 500 packets, 9 lost, 1 missing, "
        "12 asked again, jitter 4.2 ms  keyframes: 5 asked, 2 sent",
        "    publisher room:h  main  CONNECTED  2.10 Mbit/s of 2.50 Mbit/s granted  loss 1.0%  "
        "0 dropped",
        "    viewer room:a  v1  SILENT  2.00 Mbit/s  loss 5.0% (14)  round trip 12.3 ms  "
        "PLI 4  NACK 8  6 sent again  6 dropped",
    ]


def test_refused_packets_are_shown_where_there_are_any() -> None:
    found = stats(None).model_dump(mode="json")
    (stage,) = found["stages"].values()
    told = (found, *stage["publishers"], *stage["viewers"])
    for entry in told:
        entry["packets_refused"] = 3
    lines = node_lines(STATUS, NodeStats.model_validate_json(json.dumps(found)))
    places = [number for number, line in enumerate(lines) if line.endswith(" dropped  3 refused")]
    assert places == [0, 3, 4]
    for entry in told:
        del entry["packets_refused"]  # as an older node answers
    older = NodeStats.model_validate_json(json.dumps(found))
    assert node_lines(STATUS, older) == node_lines(STATUS, stats(None))


def test_a_node_of_another_version_is_marked() -> None:
    (line,) = node_lines(replace(STATUS, outdated=True), None)
    said = "ready  speaks another version, is replaced after its lessons  takes no new lessons"
    assert line == f"n1  {said}  1 stages  2 peers"


def test_what_was_not_measured_is_a_dash() -> None:
    assert "  - us/packet  " in node_lines(STATUS, stats(None))[0]


def test_the_worst_viewer_comes_first_and_stands_for_its_stage() -> None:
    viewers = (
        viewer_stats("room:near", fraction_lost=0.0, round_trip_time=0.01),
        viewer_stats("room:mute", state="SILENT", round_trip_time=None),
        viewer_stats("room:lossy", fraction_lost=0.2),
        viewer_stats("room:far", fraction_lost=0.0, round_trip_time=0.4),
    )
    lines = node_lines(STATUS, node_of({"l1": StageStats(viewers=viewers)}))
    assert "4 viewers  8.00 Mbit/s sent  loss 20.0%  round trip 400.0 ms" in lines[1]
    shown = [line.split()[1] for line in lines if line.startswith("    viewer ")]
    assert shown == ["room:mute", "room:lossy", "room:far", "room:near"]
    lines = node_lines(STATUS, node_of({"l1": StageStats()}))
    assert "0 viewers  0.00 Mbit/s sent  loss 0.0%  round trip -  " in lines[1]
