"""The lines of `tongke relay status`."""

from dataclasses import asdict

from media.contract.stats import NodeStats
from server.cli.relay_status import node_lines
from tests.support.figures import node_figures

STATUS = {"id": "n1", "reachable": True, "stages": 1, "peers": 2}


def stats(cost: float | None) -> NodeStats:
    return node_figures("l1", "room:h", "room:a", cost)


def test_a_node_that_does_not_answer_has_one_line() -> None:
    away = {"id": "n2", "reachable": False, "stages": 0, "peers": 0}
    assert node_lines(away, None) == ["n2  does not answer  0 stages  0 peers"]


def test_a_drained_node_is_marked_whether_it_answers_or_not() -> None:
    away = {**STATUS, "reachable": False}
    assert [node_lines(status, None, is_draining=True) for status in (STATUS, away)] == [
        ["n1  ready  takes no new lessons  1 stages  2 peers"],
        ["n1  does not answer  takes no new lessons  1 stages  2 peers"],
    ]


def test_a_node_its_stages_and_everybody_on_them() -> None:
    assert node_lines(STATUS, asdict(stats(7.1e-6))) == [
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
    found = asdict(stats(None))
    (stage,) = found["stages"].values()
    told = (found, *stage["publishers"], *stage["viewers"])
    plain = node_lines(STATUS, found)
    for entry in told:
        entry["packets_refused"] = 3
    lines = node_lines(STATUS, found)
    places = [number for number, line in enumerate(lines) if line.endswith(" dropped  3 refused")]
    assert places == [0, 3, 4]
    for entry in told:
        del entry["packets_refused"]  # as an older node answers
    assert node_lines(STATUS, found) == plain


def test_what_was_not_measured_is_a_dash() -> None:
    assert "  - us/packet  " in node_lines(STATUS, asdict(stats(None)))[0]


def test_the_worst_viewer_comes_first_and_stands_for_its_stage() -> None:
    found = asdict(stats(None))
    (silent,) = found["stages"]["l1"]["viewers"]
    connected = {**silent, "state": "CONNECTED", "fraction_lost": 0.0}
    ways = {
        "near": {**connected, "round_trip_time": 0.01},
        "mute": {**silent, "round_trip_time": None},
        "lossy": {**connected, "fraction_lost": 0.2},
        "far": {**connected, "round_trip_time": 0.4},
    }
    found["stages"]["l1"]["viewers"] = [{**way, "subject": name} for name, way in ways.items()]
    lines = node_lines(STATUS, found)
    assert "4 viewers  8.00 Mbit/s sent  loss 20.0%  round trip 400.0 ms" in lines[1]
    shown = [line.split()[1] for line in lines if line.startswith("    viewer ")]
    assert shown == ["mute", "lossy", "far", "near"]
    found["stages"]["l1"]["viewers"] = []
    assert "0 viewers  0.00 Mbit/s sent  loss 0.0%  round trip -  " in node_lines(STATUS, found)[1]
