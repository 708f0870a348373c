"""When a room was last heard, by the rosters of every node."""

from server.jobs.presence import LastHeard
from tests.support.figures import roster_entry


def test_a_room_counts_by_its_newest_sign_of_life() -> None:
    heard = LastHeard()
    peers = [
        roster_entry("room:r1", 100.0),
        roster_entry("room:r1", 90.0),
        roster_entry("person:p1", 104.0),
    ]
    heard.note({"l1": peers})
    assert heard.within("l1", "r1", now=104.9, seconds=5.0)
    assert not heard.within("l1", "r1", now=105.1, seconds=5.0)
    assert not heard.within("l2", "r1", now=104.0, seconds=5.0)
    assert not heard.within("l1", "p1", now=104.0, seconds=5.0)
    heard.note({})
    assert heard.within("l1", "r1", now=104.0, seconds=5.0)
