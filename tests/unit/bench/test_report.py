"""A result line: medians, and the ratio of windows that were measured as pairs."""

import json

import pytest

from tests.bench.report import Peer, line


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return dict(json.loads(capsys.readouterr().out))


def test_the_ratio_is_that_of_the_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    """A machine that is slow in one turn slows both: what the pair says stays the same."""
    line("cost", "us", [1.0, 2.0, 5.0], "a load", Peer("them", [2.0, 4.0, 10.0]))
    found = printed(capsys)
    assert found == {
        "name": "cost",
        "value": 2.0,
        "unit": "us",
        "peer": "them",
        "peer_value": 4.0,
        "ratio": 0.5,
        "load": "a load, median of 3, ratios 0.500 to 0.500",
    }


def test_a_disturbed_pair_moves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    line("cost", "us", [1.0, 1.0, 9.0], "a load", Peer("them", [4.0, 4.0, 4.0]))
    assert printed(capsys)["ratio"] == 0.25


def test_without_a_peer_its_fields_are_null(capsys: pytest.CaptureFixture[str]) -> None:
    line("size", "KiB", [127.06], "a load", digits=1)
    found = printed(capsys)
    assert (found["value"], found["load"]) == (127.1, "a load")
    assert [found[key] for key in ("peer", "peer_value", "ratio")] == [None, None, None]


def test_a_window_has_its_peer(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="shorter"):
        line("cost", "us", [1.0, 2.0], "a load", Peer("them", [1.0]))
    assert capsys.readouterr().out == ""
