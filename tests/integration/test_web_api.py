"""The JSON API of lessons: bodies, problems, tickets, and the stream of news."""

import asyncio
import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from scheduler.events.kinds import EventKind
from scheduler.events.tables import EventRow
from scheduler.lifecycle.reconcile import reconcile
from tests.support.lessons import book_lesson, lesson_command
from tests.support.waiting import until
from tests.support.webclient import MORNING, RELAY_URL, Site
from web.api import live

TEN = MORNING.replace(hour=10, minute=0)


async def body(site: Site, key: str, **changed: Any) -> dict[str, Any]:
    """Return a good booking of the teacher's as the API takes it."""
    command = await lesson_command(site, "teacher", ["fc-zx", "fc-cb"], key, TEN)
    return {**command.as_json(), **changed}


def claims(token: str) -> dict[str, Any]:
    """Return what a ticket says, unverified."""
    payload = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return decoded


async def test_a_lesson_is_made_once_however_often_it_is_sent(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    first = await visitor.call("POST", "/api/v1/lessons", await body(site, "once"))
    made = await first.json()
    assert (first.status, first.headers["Location"]) == (201, f"/api/v1/lessons/{made['id']}")
    again = await visitor.call("POST", "/api/v1/lessons", await body(site, "once"))
    assert (again.status, await again.json()) == (200, {**made, "repeated": True})
    assert len(await site.events(EventKind.LESSON_BOOK)) == 1
    shown = await (await visitor.call("GET", first.headers["Location"])).json()
    assert shown["state"] == "BOOKED"
    assert len(shown["legs"]) == 2


async def test_a_conflict_is_a_problem_with_alternatives_that_can_be_sent(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    await visitor.call("POST", "/api/v1/lessons", await body(site, "one"))
    checked = await visitor.call("POST", "/api/v1/lessons/check", await body(site, "two"))
    preview = await checked.json()
    refused = await visitor.call("POST", "/api/v1/lessons", await body(site, "two"))
    problem = await refused.json()
    assert (refused.status, refused.content_type) == (409, "application/problem+json")
    assert problem["conflicts"] == preview["conflicts"]
    kinds = {conflict["resource_kind"] for conflict in problem["conflicts"]}
    assert kinds == {"room", "person"}
    assert "老师“陈老师(演示)”这时有课：草原" in problem["detail"]
    way = problem["alternatives"][0]["command"]
    assert (await visitor.call("POST", "/api/v1/lessons", way)).status == 201


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"surprise": 1}, "surprise", "EXTRA_FORBIDDEN"),
        ({"starts_at": "2026-11-18T10:00:00"}, "starts_at", "TIMEZONE_AWARE"),
        ({"host_room_id": "../etc"}, "host_room_id", "STRING_PATTERN_MISMATCH"),
        ({"legs": [{"room_id": 7}]}, "legs.0.room_id", "STRING_TYPE"),
        ({"legs": [7]}, "legs.0", "MODEL_TYPE"),
        ({"kind": "PARTY"}, "kind", "ENUM"),
        ({"title": "长" * 121}, "title", "STRING_TOO_LONG"),
        ({"idempotency_key": ""}, "idempotency_key", "STRING_TOO_SHORT"),
    ],
)
async def test_a_malformed_body_names_its_fields(
    site: Site, changed: dict[str, Any], field: str, code: str
) -> None:
    visitor = await site.sign_in("teacher")
    answer = await visitor.call("POST", "/api/v1/lessons", await body(site, "k", **changed))
    problem = await answer.json()
    assert answer.status == 422
    assert problem["problems"] == [{"code": code, "field": field}]
    assert field in problem["detail"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "\x00", "[" * 5000])
async def test_no_body_breaks_the_api(site: Site, text: str) -> None:
    visitor = await site.sign_in("teacher")
    async with visitor.client.post(
        "/api/v1/lessons", data=text.encode(), headers={"X-CSRF-Token": visitor.token}
    ) as answer:
        assert (answer.status, answer.content_type) == (422, "application/problem+json")


async def test_moving_needs_the_version_that_was_read(site: Site) -> None:
    lesson_id = await book_lesson(site, "teacher", ["fc-zx"], "k", TEN)
    visitor = await site.sign_in("teacher")
    later = {
        "starts_at": (TEN + timedelta(hours=6)).isoformat(),
        "ends_at": (TEN + timedelta(hours=6, minutes=40)).isoformat(),
    }
    path = f"/api/v1/lessons/{lesson_id}/move"
    assert (await visitor.call("POST", path, {**later, "version": 9})).status == 409
    moved = await visitor.call("POST", path, {**later, "version": 1})
    assert (moved.status, await moved.json()) == (200, {"id": lesson_id, "version": 2})


async def test_the_host_gets_both_tickets_and_a_patrol_only_looks(site: Site) -> None:
    lesson_id = await book_lesson(site, "teacher", ["fc-zx"], "k", TEN)
    site.clock.now = TEN + timedelta(minutes=1)
    await reconcile(site.db, site.clock(), site.services.timing)
    path = f"/api/v1/lessons/{lesson_id}/live"
    host = await (await (await site.sign_in("teacher")).call("GET", path)).json()
    assert (host["role"], host["stage"], host["state"]) == ("HOST", lesson_id, "LIVE")
    assert host["relays"] == [{"node": "n1", "url": RELAY_URL}]
    person = f"person:{(await site.actor('teacher')).person_id}"
    for grant in ("view", "publish"):
        said = claims(host[grant])
        assert [said[name] for name in ("stage", "sub", "role", "grant", "slot")] == [
            lesson_id,
            person,
            "HOST",
            grant,
            "main",
        ]
        assert said["exp"] == (TEN + timedelta(minutes=42)).timestamp()
    patrol = await (await (await site.sign_in("supervisor")).call("GET", path)).json()
    assert (patrol["role"], patrol["publish"]) == ("PATROL", None)
    assert claims(patrol["view"])["role"] == "PATROL"


async def test_every_patrol_is_written_down(site: Site) -> None:
    lesson_id = await book_lesson(site, "teacher", ["fc-zx"], "k", TEN)
    site.clock.now = TEN + timedelta(minutes=1)
    await reconcile(site.db, site.clock(), site.services.timing)
    await (await site.sign_in("supervisor")).call("GET", f"/api/v1/lessons/{lesson_id}/live")
    async with site.db.read() as session:
        found = await session.execute(select(EventRow).where(col(EventRow.kind) == "lesson.patrol"))
        (event,) = found.scalars().all()
    supervisor = await site.actor("supervisor")
    assert (event.object_id, event.account_id) == (lesson_id, supervisor.account_id)
    assert event.address == "127.0.x.x"


@pytest.mark.parametrize(
    ("minutes", "given"), [(24 * 60, False), (11, False), (10, True), (5, True), (1, True)]
)
async def test_a_persons_ticket_is_given_out_shortly_before_the_lobby_and_never_days_ahead(
    site: Site, minutes: int, given: bool
) -> None:
    """The lobby opens five minutes before the start."""
    site.clock.now = TEN - timedelta(days=2)
    lesson_id = await book_lesson(site, "teacher", ["fc-zx"], f"k{minutes}", TEN)
    site.clock.now = TEN - timedelta(minutes=minutes)
    visitor = await site.sign_in("teacher")
    body = await (await visitor.call("GET", f"/api/v1/lessons/{lesson_id}/live")).json()
    assert (body["role"], body["stage"]) == ("HOST", lesson_id)
    assert [body[grant] is not None for grant in ("view", "publish")] == [given, given]


async def test_who_only_listens_gets_no_ticket_and_a_finished_lesson_none(site: Site) -> None:
    lesson_id = await book_lesson(site, "teacher", ["fc-zx"], "k", TEN)
    path = f"/api/v1/lessons/{lesson_id}/live"
    assert (await (await site.sign_in("assistant")).call("GET", path)).status == 403
    assert (await (await site.sign_in("teacher2")).call("GET", path)).status == 404
    site.clock.now = TEN + timedelta(hours=1)
    await reconcile(site.db, site.clock(), site.services.timing)
    over = await (await (await site.sign_in("teacher")).call("GET", path)).json()
    assert (over["view"], over["publish"]) == (None, None)


async def test_news_of_a_lesson_reaches_an_open_page(site: Site) -> None:
    lesson_id = await book_lesson(site, "teacher", ["fc-zx"], "k", TEN)
    visitor = await site.sign_in("teacher")
    async with visitor.client.get(f"/api/v1/live?topics=lesson:{lesson_id}") as stream:
        assert stream.content_type == "text/event-stream"
        assert await stream.content.readuntil(b"\n\n") == b"retry: 3000\n\n"
        while site.services.live.listeners() == 0:
            await asyncio.sleep(0.01)
        path = f"/api/v1/lessons/{lesson_id}/cancel"
        await visitor.call("POST", path, {"reason": "老师请假"})
        news = await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 5)
        assert news == f"event: changed\ndata: lesson:{lesson_id}\n\n".encode()


async def test_a_silent_stream_is_kept_and_one_without_a_reader_is_given_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)
    visitor = await site.sign_in("teacher")
    listeners = site.services.live.listeners
    before = listeners()
    async with visitor.client.get("/api/v1/live?topics=*") as stream:
        assert await stream.content.readuntil(b"\n\n") == b"retry: 3000\n\n"
        for _ in range(2):
            assert await stream.content.readuntil(b"\n\n") == b": ping\n\n"
        assert listeners() == before + 1
    await until(lambda: listeners() == before, 5, "the listener to be forgotten")


@pytest.mark.parametrize("topics", ["", "lesson:1", "account:0123456789abcdef", "*;x", "room:"])
async def test_only_lessons_and_rooms_have_news(site: Site, topics: str) -> None:
    visitor = await site.sign_in("teacher")
    answer = await visitor.call("GET", f"/api/v1/live?topics={topics}")
    assert answer.status == 422


async def test_the_periods_of_a_room_follow_its_own_bell(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    for code, first in (("lz01-rec", "08:00"), ("fc-zx-i1", "08:10")):
        room = await site.room(code)
        answer = await visitor.call("GET", f"/api/v1/rooms/{room.id}/periods?day=2026-11-18")
        periods = (await answer.json())["periods"]
        assert (len(periods), periods[0]["starts"]) == (8, first), code
    missing = await visitor.call("GET", f"/api/v1/rooms/{'0' * 16}/periods")
    assert missing.status == 404
