"""The lines of `tongke relay status`."""

from dataclasses import asdict

from media.contract.stats import NodeStats
from server.relaystatus import node_lines
from tests.support.figures import node_figures

STATUS = {"id": "n1", "reachable": True, "stages": 1, "peers": 2}


def stats(cost: float | None) -> NodeStats:
    return node_figures("l1", "room:h", "room:a", cost)


def test_a_node_that_does_not_answer_has_one_line() -> None:
    away = {"id": "n2", "reachable": False, "stages": 0, "peers": 0}
    assert node_lines(away, None) == ["n2  does not answer  0 stages  0 peers"]


def test_a_node_its_stages_and_everybody_on_them() -> None:
    assert node_lines(STATUS, asdict(stats(7.1e-6))) == [
        "n1  ready  1 stages  2 peers  CPU 12.5%  7.1 us/packet  1000 sent  8 dropped",
        "  stage l1",
        "    main video  H264  1 viewers  0 waiting  upstream: 500 packets, 9 lost, 1 missing, "
        "12 asked again, jitter 4.2 ms  keyframes: 5 asked, 2 sent",
        "    publisher room:h  main  CONNECTED  2.10 Mbit/s of 2.50 Mbit/s granted  loss 1.0%  "
        "0 dropped",
        "    viewer room:a  SILENT  2.00 Mbit/s  loss 5.0% (14)  round trip 12.3 ms  "
        "PLI 4  NACK 8  6 sent again  6 dropped",
    ]


def test_what_was_not_measured_is_a_dash() -> None:
    assert "  - us/packet  " in node_lines(STATUS, asdict(stats(None)))[0]
