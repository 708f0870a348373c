"""What is said of a line and of a node, at the thresholds."""

import pytest

from web.admin.system.thresholds import connection_state, loss_look, node_state, trip_look


@pytest.mark.parametrize(
    ("state", "lost", "trip", "said"),
    [
        ("CONNECTED", 0.0, None, "good"),
        ("CONNECTED", 0.02, 0.01, "warn"),
        ("CONNECTED", 0.0, 0.3, "warn"),
        ("CONNECTED", 0.1, 0.3, "bad"),
        ("SILENT", 0.0, 0.01, "silent"),
        ("NEW", 0.0, None, "joining"),
    ],
)
def test_what_is_said_of_a_line(state: str, lost: float, trip: float | None, said: str) -> None:
    assert connection_state(state, lost, trip) == said


def test_the_figure_that_is_to_blame_stands_out() -> None:
    assert [loss_look(share) for share in (0.0, 0.019, 0.02, 0.1)] == ["", "", "warn", "bad"]
    assert [trip_look(seconds) for seconds in (None, 0.29, 0.3)] == ["", "", "warn"]


def test_a_node_is_busy_before_its_core_is_full() -> None:
    assert [node_state(True, use) for use in (None, 0.5, 0.8)] == ["good", "good", "busy"]
    assert node_state(False, None) == "away"
