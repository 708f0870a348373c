"""The terminal's open line: hello, states that are kept, news of the day, revocation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import WSMsgType

from scheduler.events.topics import room_topic
from scheduler.terminals import enrolment
from scheduler.terminals import pairing as pairings
from scheduler.terminals.shapes import TerminalView
from scheduler.terminals.states import TerminalState
from scheduler.terminals.views import enrolled_terminals
from tests.support.lessons import rooms_of_school
from tests.support.webclient import MORNING, Site, open_site
from web.terminal import live
from web.terminal.live import (
    MESSAGES_A_MINUTE,
    STORE_EVERY,
    TERMINAL_SOCKETS,
    StateMemory,
    close_all,
)
from web.terminal.messages import StateReport

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/api/v1/terminal/live"
WAIT = 5.0


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(tmp_path_factory.mktemp("live")) as running:
        yield running


async def enrol(site: Site) -> tuple[TerminalView, str]:
    """Return a terminal of a room with its device token."""
    pairing = await pairings.begin_pairing(site.db, site.clock(), "test", "127.0.x.x")
    (room, *_rest) = await rooms_of_school(site, "lz14")
    actor = await site.actor("county")
    terminal = await enrolment.approve_pairing(
        site.db, site.clock(), actor, pairing.code, room.id, replace=True
    )
    return terminal, pairing.secret


@asynccontextmanager
async def line(site: Site, *messages: object) -> AsyncIterator[Any]:
    visitor = await site.visitor()
    try:
        async with visitor.client.ws_connect(PATH) as socket:
            for message in messages:
                await socket.send_json(message)
            yield socket
    finally:
        await visitor.close()


async def closed_with(socket: Any) -> int:
    """Return the close code of a line, whatever was said before."""
    while True:
        message = await socket.receive(WAIT)
        if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
            code: int = socket.close_code
            return code


async def view(site: Site, terminal_id: str) -> TerminalView:
    async with site.db.read() as session:
        (found,) = await enrolled_terminals(session, terminal_ids=[terminal_id])
    return found


async def until_state(site: Site, terminal_id: str, state: TerminalState) -> TerminalView:
    for _ in range(100):
        found = await view(site, terminal_id)
        if found.state is state:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"the terminal is {found.state}, not {state}")


async def test_a_state_is_kept_with_its_detail(site: Site) -> None:
    terminal, token = await enrol(site)
    async with line(site, {"type": "hello", "token": token}) as socket:
        welcome = await socket.receive_json(timeout=WAIT)
        now = MORNING.timestamp()
        assert welcome == {"type": "welcome", "protocol": 1, "server_time": now}
        detail = {"fault": "C03", "camera": False}
        await socket.send_json({"type": "state", "state": "FAULT", "detail": detail})
        kept = await until_state(site, terminal.id, TerminalState.FAULT)
    assert (kept.detail, kept.last_seen_at) == (detail, MORNING)


async def test_news_of_the_room_reaches_the_terminal(site: Site) -> None:
    terminal, token = await enrol(site)
    async with line(site, {"type": "hello", "token": token}) as socket:
        await socket.receive_json(timeout=WAIT)
        while site.services.live.listeners() == 0:
            await asyncio.sleep(0.01)
        site.services.live.publish(room_topic("another"))
        site.services.live.publish(room_topic(terminal.room.id))
        assert await socket.receive_json(timeout=WAIT) == {"type": "day_changed"}
    while site.services.live.listeners() > 0:  # hung up: nobody listens any more
        await asyncio.sleep(0.01)


async def test_a_revoked_terminal_is_told_and_hung_up(site: Site) -> None:
    terminal, token = await enrol(site)
    async with line(site, {"type": "hello", "token": token}) as socket:
        await socket.receive_json(timeout=WAIT)
        while site.services.live.listeners() == 0:
            await asyncio.sleep(0.01)
        actor = await site.actor("county")
        await enrolment.revoke_terminal(site.db, site.clock(), actor, terminal.id)
        site.services.live.publish(room_topic(terminal.room.id))
        assert await socket.receive_json(timeout=WAIT) == {"type": "revoked"}
        assert await closed_with(socket) == 4401
    async with line(site, {"type": "hello", "token": token}) as socket:
        assert await socket.receive_json(timeout=WAIT) == {"type": "revoked"}
        assert await closed_with(socket) == 4401


@pytest.mark.parametrize("first", [{"type": "state", "state": "READY"}, {"type": "x"}, [1]])
async def test_who_does_not_say_hello_is_hung_up(site: Site, first: object) -> None:
    async with line(site, first) as socket:
        assert await closed_with(socket) == 4400


async def test_who_says_nothing_is_hung_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HELLO_WITHIN", 0.05)
    async with line(site) as socket:
        assert await closed_with(socket) == 4408


async def test_nonsense_later_ends_the_line_and_keeps_the_state(site: Site) -> None:
    terminal, token = await enrol(site)
    async with line(site, {"type": "hello", "token": token}) as socket:
        await socket.receive_json(timeout=WAIT)
        await socket.send_json({"type": "state", "state": "READY"})
        await socket.send_json({"type": "state", "state": "DANCING"})
        assert await closed_with(socket) == 4400
    await until_state(site, terminal.id, TerminalState.READY)


async def test_a_terminal_that_talks_without_end_is_hung_up(site: Site) -> None:
    _terminal, token = await enrol(site)
    async with line(site, {"type": "hello", "token": token}) as socket:
        await socket.receive_json(timeout=WAIT)
        for _ in range(MESSAGES_A_MINUTE + 1):
            await socket.send_json({"type": "state", "state": "READY"})
        assert await closed_with(socket) == 4400


async def test_a_stopping_server_hangs_up(site: Site) -> None:
    _terminal, token = await enrol(site)
    async with line(site, {"type": "hello", "token": token}) as socket:
        await socket.receive_json(timeout=WAIT)
        app = site.server.app
        assert any(not one.closed for one in app[TERMINAL_SOCKETS])
        closing = asyncio.create_task(close_all(app))
        assert await closed_with(socket) == 1001
        await closing


async def test_the_same_report_is_stored_again_only_after_a_while() -> None:
    memory = StateMemory()
    ready = StateReport(state=TerminalState.READY, detail={"camera": True})
    blind = StateReport(state=TerminalState.READY, detail={"camera": False})
    assert memory.worth_storing(ready, MORNING)
    assert not memory.worth_storing(ready, MORNING + timedelta(seconds=15))
    assert memory.worth_storing(blind, MORNING + timedelta(seconds=16))
    assert not memory.worth_storing(blind, MORNING + timedelta(seconds=45))
    assert memory.worth_storing(blind, MORNING + timedelta(seconds=16) + STORE_EVERY)
