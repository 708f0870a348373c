"""Connections are bounded in all and a source, and nobody may only wait."""

import pytest

from media.httpd.connections import Bounds, Connections

BOUNDS = Bounds(total=4, per_source=2, first_request=10, idle=150, stuck=30)


@pytest.fixture
def open_ones() -> Connections[str]:
    return Connections(BOUNDS)


def test_a_source_has_no_more_than_its_share(open_ones: Connections[str]) -> None:
    for name in ("a1", "a2"):
        assert open_ones.enter(name, "a", 0) == (True, None)
        open_ones.begin(name)
    assert open_ones.enter("a3", "a", 0) == (False, None)
    assert open_ones.enter("b1", "b", 0) == (True, None)
    open_ones.leave("a1")
    assert open_ones.enter("a4", "a", 0) == (True, None)
    assert (len(open_ones), open_ones.refused) == (3, 1)


def test_within_its_share_a_source_makes_room_for_itself_and_for_nobody_else(
    open_ones: Connections[str],
) -> None:
    open_ones.enter("b1", "b", 0)  # waits longer than any of the other's
    open_ones.enter("a1", "a", 1)
    open_ones.enter("a2", "a", 2)
    assert open_ones.enter("a3", "a", 3) == (True, "a1")
    open_ones.begin("a2")
    open_ones.begin("a3")
    open_ones.expect("a3", 4)
    assert open_ones.enter("a4", "a", 5) == (True, "a3"), "its request is not whole yet"
    open_ones.begin("a4")
    open_ones.expect("a4", 6)
    open_ones.whole("a4")
    assert open_ones.enter("a5", "a", 7) == (False, None)
    open_ones.end("a2", 8)
    assert open_ones.enter("a5", "a", 9) == (True, "a2")
    assert (len(open_ones), open_ones.refused) == (3, 4)


def test_a_proxy_of_ours_counts_in_all_only(open_ones: Connections[str]) -> None:
    assert all(open_ones.enter(f"p{number}", "", 0)[0] for number in range(4))


def test_the_longest_waiting_connection_is_closed_and_never_one_with_a_request(
    open_ones: Connections[str],
) -> None:
    for number, name in enumerate(("busy", "idle", "silent", "later")):
        open_ones.enter(name, name, number)
    open_ones.begin("busy")
    open_ones.begin("idle")
    open_ones.end("idle", 5)
    assert open_ones.enter("n1", "n1", 6) == (True, "silent")
    assert open_ones.enter("n2", "n2", 6) == (True, "later")
    for name in ("n1", "n2"):
        open_ones.begin(name)
    assert open_ones.enter("n3", "n3", 6) == (True, "idle")
    open_ones.begin("n3")
    assert open_ones.enter("n4", "n4", 6) == (False, None)
    assert len(open_ones) == 4


def test_an_older_idle_one_goes_before_a_newcomer_that_is_about_to_ask(
    open_ones: Connections[str],
) -> None:
    for name in ("a1", "a2"):
        open_ones.enter(name, "a", 0)
        open_ones.begin(name)
        open_ones.end(name, 1)
    assert open_ones.enter("a3", "a", 2) == (True, "a1")
    assert open_ones.enter("a4", "a", 2) == (True, "a2")
    assert open_ones.enter("a5", "a", 2) == (True, "a3")


def test_a_connection_that_is_silent_idle_or_stuck_for_too_long_is_closed(
    open_ones: Connections[str],
) -> None:
    for name in ("silent", "idle", "stuck", "fine"):
        open_ones.enter(name, name, 0)
    for name in ("idle", "stuck", "fine"):
        open_ones.begin(name)
    open_ones.end("idle", 1)
    open_ones.stuck("stuck", 1)
    open_ones.stuck("fine", 1)
    open_ones.flows("fine")
    assert open_ones.due(9.9) == []
    assert open_ones.due(10) == ["silent"]
    assert open_ones.due(31) == ["stuck"]
    assert open_ones.due(150.9) == []
    assert open_ones.due(151) == ["idle"]
    assert (len(open_ones), open_ones.overdue) == (1, 3)


def test_a_body_that_does_not_come_is_waited_for_so_long(open_ones: Connections[str]) -> None:
    for name in ("slow", "sent", "answered"):
        open_ones.enter(name, name, 0)
        open_ones.begin(name)
        open_ones.expect(name, 1)
    open_ones.whole("sent")
    open_ones.end("answered", 2)  # without reading it
    assert open_ones.due(120.9) == []
    assert open_ones.due(121) == ["slow"]
    assert open_ones.due(1000) == ["answered"]


def test_a_connection_that_is_gone_comes_back_into_no_table(open_ones: Connections[str]) -> None:
    open_ones.enter("a", "a", 0)
    open_ones.begin("a")
    open_ones.leave("a")
    open_ones.leave("a")
    open_ones.expect("a", 1)
    open_ones.end("a", 1)
    open_ones.stuck("a", 1)
    assert open_ones.due(1000) == []
    assert len(open_ones) == 0


def test_a_port_waits_as_long_as_its_page_says() -> None:
    assert Bounds(1, 2) == Bounds(1, 2, first_request=10.0, idle=150.0, body=120.0, stuck=30.0)


def test_the_last_free_place_is_taken_before_anybody_has_to_go() -> None:
    open_ones = Connections[str](Bounds(total=2, per_source=9))
    assert open_ones.enter("a1", "a", 0) == (True, None)
    assert open_ones.enter("a2", "a", 1) == (True, None)
    assert open_ones.refused == 0
    assert open_ones.enter("a3", "a", 2) == (True, "a1")
    assert (len(open_ones), open_ones.refused) == (2, 1)


def test_a_full_port_makes_room_from_everybody_and_a_full_source_from_its_own() -> None:
    open_ones = Connections[str](Bounds(total=3, per_source=2))
    open_ones.enter("b1", "b", 0)
    open_ones.enter("a1", "a", 1)
    open_ones.enter("p1", "", 2)
    assert open_ones.enter("a2", "a", 3) == (True, "b1")
    assert open_ones.enter("a3", "a", 4) == (True, "a1")
    assert open_ones.enter("p2", "", 5) == (True, "p1")


def test_who_waits_for_a_body_goes_last_and_the_oldest_of_them_first(
    open_ones: Connections[str],
) -> None:
    for number, name in enumerate(("a1", "b1", "c1", "d1")):
        open_ones.enter(name, name, number)
        open_ones.begin(name)
        open_ones.expect(name, 9 - number)
    open_ones.end("d1", 20)
    assert open_ones.enter("e1", "e", 21) == (True, "d1")
    open_ones.begin("e1")
    assert open_ones.enter("f1", "f", 22) == (True, "a1"), "whose body was expected first"
    open_ones.begin("f1")
    open_ones.whole("b1")
    assert open_ones.enter("g1", "g", 23) == (True, "c1")
    open_ones.begin("g1")
    assert open_ones.enter("h1", "h", 24) == (False, None)


def test_who_asks_again_waits_anew(open_ones: Connections[str]) -> None:
    open_ones.enter("a", "a", 0)
    open_ones.begin("a")
    for now in (1, 100):
        open_ones.end("a", now)
    assert open_ones.due(249.9) == []
    open_ones.begin("a")
    assert open_ones.due(251) == []
    open_ones.end("a", 260)
    open_ones.stuck("a", 270)
    open_ones.stuck("a", 271)
    assert open_ones.due(300.9) == []
    assert open_ones.due(410) == ["a"], "once, though it is stuck and idle"
    assert (len(open_ones), open_ones.overdue) == (0, 1)


def test_everybody_who_is_overdue_is_closed_at_once(open_ones: Connections[str]) -> None:
    for number, name in enumerate(("a", "b", "c")):
        open_ones.enter(name, name, number)
    assert open_ones.due(11) == ["a", "b"]
    assert open_ones.due(11) == []
    assert open_ones.due(12) == ["c"]
    assert open_ones.overdue == 3


def test_a_place_in_a_source_s_share_comes_back_with_each_that_goes() -> None:
    open_ones = Connections[str](Bounds(total=99, per_source=2))
    for name in ("a1", "a2"):
        open_ones.enter(name, "a", 0)
        open_ones.begin(name)
    open_ones.leave("a1")
    assert open_ones.enter("a3", "a", 1) == (True, None)
    assert open_ones.enter("a4", "a", 2) == (True, "a3")
    assert open_ones.refused == 1
