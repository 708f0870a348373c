"""A stage from its opening to its end: each record of the journal, each word to who listens."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from media import clock
from media.contract.messages import Report
from media.contract.subjects import Subject
from media.contract.tickets import Grant, Slot
from media.node.session.peer import Peer
from media.node.session.peer_states import PeerState
from media.node.stage.roster import dismiss_revoked
from tests.support.staged import MINT, Lesson, Listener, connect


@pytest.fixture
async def lesson() -> AsyncIterator[Lesson]:
    lesson = Lesson()
    assert lesson.noted() == [("stage_opened", "", {})]
    yield lesson
    lesson.stage._driver.stop()


def gone(peer: Peer, reason: str) -> tuple[str, str, dict[str, Any]]:
    return ("peer_left", peer.id, {"last_heard": round(peer.times.heard, 3), "reason": reason})


async def test_a_publisher_takes_its_slot_and_leaves_it(lesson: Lesson) -> None:
    listener, publisher = lesson.listen("room:leg"), lesson.publisher()
    assert (lesson.stage.has_source(Slot.MAIN), publisher.active) == (False, False)
    connect(publisher)
    assert lesson.noted() == [
        ("peer_connected", publisher.id, {"grant": "publish", "slot": "main"})
    ]
    assert lesson.stage.sources() == {"main": True, "screen": False, "guest": False}
    assert publisher.active
    assert lesson.stage.slots[Slot.MAIN].source is publisher.source
    for _twice in range(2):
        lesson.stage.peer_closed(publisher, "deleted")
    assert lesson.noted() == [gone(publisher, "deleted")]
    assert (publisher.state, publisher.active) == (PeerState.CLOSED, False)
    assert lesson.stage.slots[Slot.MAIN].source is None
    assert lesson.forgotten == [publisher]
    assert [(one["type"], one["slot"], one["up"]) for one in listener.heard] == [
        ("source", "main", True),
        ("source", "main", False),
    ]


async def test_a_newer_publisher_takes_the_slot_over(lesson: Lesson) -> None:
    older, other, newer = (
        lesson.publisher(),
        lesson.publisher(slot=Slot.SCREEN),
        lesson.publisher("room:b"),
    )
    connect(older, other)
    lesson.noted()
    connect(newer)
    assert lesson.noted() == [
        ("peer_connected", newer.id, {"grant": "publish", "slot": "main"}),
        ("taken_over", older.id, {"by": newer.id}),
        gone(older, "taken over"),
    ]
    assert lesson.stage.publishers == {Slot.MAIN: newer, Slot.SCREEN: other}
    assert lesson.stage.slots[Slot.MAIN].publisher() == "room:b"


async def test_a_peer_that_never_connected_leaves_no_record(lesson: Lesson) -> None:
    publisher = lesson.publisher()
    lesson.stage.peer_closed(publisher, "x" * 99)
    assert (lesson.noted(), lesson.forgotten) == ([], [publisher])
    other = lesson.publisher()
    connect(other)
    lesson.noted()
    lesson.stage.peer_closed(other, "x" * 99)
    assert lesson.noted() == [gone(other, "x" * 80)]


async def test_a_viewer_is_subscribed_while_it_is_here(lesson: Lesson) -> None:
    viewer = lesson.viewer()
    slot = lesson.stage.slots[Slot.MAIN]
    assert slot.subscriptions == []
    connect(viewer)
    assert slot.subscriptions == viewer.subscriptions
    assert [end.early_reports for _track, end in viewer.streams()] == [2]
    newer = lesson.viewer()
    connect(newer)
    assert slot.subscriptions == newer.subscriptions, "a subject views once"
    lesson.stage.peer_closed(newer, "deleted")
    assert slot.subscriptions == []


@pytest.mark.parametrize(
    ("unheard", "noted"), [(4.9, None), (5.2, "peer_silent"), (28.4, "peer_silent"), (28.7, "lost")]
)
async def test_a_peer_that_says_nothing_is_silent_and_then_lost(
    lesson: Lesson, unheard: float, noted: str | None
) -> None:
    viewer = lesson.viewer()
    connect(viewer)
    lesson.noted()
    for _twice in range(2):
        viewer.times.heard_mono = clock.mono() - unheard
        lesson.tick()
    if noted == "peer_silent":
        heard = {"last_heard": round(viewer.times.heard, 3)}
        assert lesson.noted() == [("peer_silent", viewer.id, heard)]
        assert viewer.state is PeerState.SILENT
    else:
        assert lesson.noted() == ([gone(viewer, "lost")] if noted else [])


@pytest.mark.parametrize(("left", "over"), [(-59, False), (-61, True)])
async def test_a_ticket_ends_a_minute_behind_its_time(
    lesson: Lesson, left: int, over: bool
) -> None:
    viewer = lesson.viewer()
    connect(viewer)
    lesson.noted()
    viewer.claims = MINT.claims("l1", "room:leg", Grant.VIEW, exp=int(clock.wall()) + left)
    lesson.tick()
    assert lesson.noted() == ([gone(viewer, "expired")] if over else [])


@pytest.mark.parametrize(("age", "here"), [(14.8, 1), (15.2, 0)])
async def test_a_session_that_is_never_used_goes(lesson: Lesson, age: float, here: int) -> None:
    viewer = lesson.viewer()
    viewer.times.created_mono = clock.mono() - age
    lesson.tick()
    assert (len(lesson.stage.peers), lesson.noted()) == (here, [])


async def test_a_second_s_record_is_of_those_who_are_connected(lesson: Lesson) -> None:
    lesson.viewer("room:new")
    lesson.tick()
    assert lesson.records == []
    publisher = lesson.publisher()
    connect(publisher)
    publisher.packets, publisher.octets = 3, 700
    lesson.records.clear()
    for _twice in range(2):
        lesson.tick()
    heard = round(publisher.times.heard, 3)
    sample = ("sample", "", {"peers": {publisher.id: [heard, 3, 700]}})
    assert lesson.records == [("first_media", publisher.id, {}), sample, sample]


async def test_the_roster_goes_to_who_may_see_it(lesson: Lesson) -> None:
    host = lesson.listen("room:host", sees_roster=True, report=Report(frames=9, muted=True))
    leg = lesson.listen("room:leg", frames_per_second=24.5)
    publisher, viewer = lesson.publisher(), lesson.viewer()
    connect(publisher, viewer)
    lesson.tick()
    (roster,) = [one for one in host.heard if one["type"] == "roster"]
    assert [one for one in leg.heard if one["type"] == "roster"] == []
    assert [
        (one["peer"], one["subject"], one["grant"], one["muted"], one["frames_per_second"])
        for one in roster["peers"]
    ] == [
        (publisher.id, "room:host", "publish", True, 0.0),
        (viewer.id, "room:leg", "view", False, 24.5),
    ]


async def test_what_a_viewer_cannot_play_is_its_fault_unless_it_says_another(
    lesson: Lesson,
) -> None:
    viewer = lesson.viewer()
    assert lesson.stage.roster()[0].fault == ""
    viewer.subscriptions[0].ends["video"].unplayable = "VP8"
    assert lesson.stage.roster()[0].fault == "cannot play VP8"
    lesson.listen("room:leg", report=Report(fault="no camera"))
    assert lesson.stage.roster()[0].fault == "no camera"


async def test_a_subject_s_peer_is_the_connected_one_and_its_viewer(lesson: Lesson) -> None:
    subject = Subject("room:a")
    assert lesson.stage.peer_of(subject) is None
    publisher, viewer = lesson.publisher("room:a"), lesson.viewer("room:a")
    lesson.viewer("room:b")
    assert lesson.stage.peer_of(subject) is viewer
    connect(publisher)
    assert lesson.stage.peer_of(subject) is publisher
    connect(viewer)
    assert lesson.stage.peer_of(subject) is viewer


async def test_the_end_of_a_lesson_is_told_to_everybody(lesson: Lesson) -> None:
    listener, publisher, viewer = lesson.listen("room:x"), lesson.publisher(), lesson.viewer()
    connect(publisher)
    lesson.noted()
    assert not lesson.stage.deserted
    lesson.stage.close("e" * 99)
    assert lesson.noted() == [
        ("stage_closed", "", {"reason": "e" * 80}),
        gone(publisher, "stage closed"),
    ]
    assert {"type": "closed", "reason": "e" * 99} in listener.heard
    assert listener.dismissed == [(4410, "e" * 99)]
    assert lesson.forgotten == [publisher, viewer]
    assert not lesson.stage.deserted, "it is the node that lets listeners go"
    lesson.stage.listeners.clear()
    assert lesson.stage.deserted


def test_sockets_of_the_revoked_are_closed() -> None:
    listeners = [Listener(MINT.claims("l1", f"room:{n}", Grant.VIEW)) for n in range(2)]
    dismiss_revoked(listeners, "subjects", ["room:1", ""])
    dismiss_revoked(listeners, "devices", ["room:0", ""][:1])
    assert [one.dismissed for one in listeners] == [[], [(4401, "revoked")]]
