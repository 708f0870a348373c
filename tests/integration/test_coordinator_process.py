"""The coordinator as a process: it starts, refuses what it must, dies alone and ends together."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from scheduler.evidence.intervals import Interval
from scheduler.evidence.spans import union
from server.process.ending import END_WITHIN, FORCED
from server.process.processes import is_alive
from tests.support.clips import lend_clip
from tests.support.coordinator import CoordinatorProcess
from tests.support.standstill import Stopwatch
from tests.support.waiting import until, within


@pytest.fixture
async def plain(tmp_path: Path) -> AsyncIterator[CoordinatorProcess]:
    coordinator = CoordinatorProcess(tmp_path)
    yield coordinator
    await coordinator.clean_up()


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[CoordinatorProcess]:
    coordinator = CoordinatorProcess(tmp_path, demo=True, lesson_minutes=1.0)
    clips = tmp_path / "data" / "demo" / "clip"
    for folder in (*reversed(clips.parents[:2]), clips):
        folder.mkdir(mode=0o700)
    lend_clip(clips)
    yield coordinator
    await coordinator.clean_up()


async def ready_node(coordinator: CoordinatorProcess) -> dict[str, Any]:
    async with within(20, "a node that answers"):
        while True:
            hello = await coordinator.hello()
            if hello is not None:
                return hello
            await asyncio.sleep(0.1)


async def test_a_signal_ends_the_coordinator_and_its_node(plain: CoordinatorProcess) -> None:
    await plain.start()
    node = await ready_node(plain)
    assert await plain.end(signal.SIGTERM) == 0
    assert not is_alive(node["pid"])
    assert "Traceback" not in plain.log()


async def test_a_second_start_in_the_same_folder_is_refused(plain: CoordinatorProcess) -> None:
    await plain.start()
    second = await plain.ask("run")
    assert second.returncode == 2
    assert second.stderr.strip() == (
        f"tongke: another coordinator works in {plain.folder / 'data'}"
    )
    async with aiohttp.ClientSession() as http, http.get(f"{plain.url}/healthz") as response:
        assert (await response.json())["status"] == "ok"


async def test_a_killed_coordinator_leaves_its_node_and_adopts_it_again(
    plain: CoordinatorProcess,
) -> None:
    await plain.start()
    before = await ready_node(plain)
    await plain.end(signal.SIGKILL)
    assert is_alive(before["pid"])
    await plain.start()
    status = await plain.ask("relay", "status")
    assert status.stdout.split()[:2] == ["n1", "ready"]
    after = await ready_node(plain)
    assert (after["pid"], after["boot"]) == (before["pid"], before["boot"])
    await plain.end(signal.SIGTERM)
    assert not is_alive(before["pid"])


def evidence(coordinator: CoordinatorProcess, room: str, kind: str) -> tuple[Interval, ...]:
    rows = coordinator.rows(
        "SELECT starts_at, ends_at FROM attendancefact WHERE room_id = ? AND kind = ?"
        " AND lesson_id = (SELECT id FROM lesson ORDER BY starts_at LIMIT 1)",
        room,
        kind,
    )
    spans = (Interval(*map(datetime.fromisoformat, row)) for row in rows)
    return union(spans, timedelta(seconds=0.5))


@pytest.mark.e2e
async def test_a_lesson_goes_on_while_the_coordinator_is_killed(demo: CoordinatorProcess) -> None:
    """Attendance has no hole although nobody read the journal for some seconds."""
    await demo.start()
    first = "SELECT id, state FROM lesson ORDER BY starts_at LIMIT 1"
    legs = "SELECT room_id FROM leg WHERE state = 'ATTENDING'"
    await until(lambda: bool(demo.rows(first)), 20, "a demo lesson is booked")
    await until(lambda: len(demo.rows(legs)) == 2, 60, "both classes attend")
    node = await ready_node(demo)
    await asyncio.sleep(5)

    await demo.end(signal.SIGKILL)
    await asyncio.sleep(5)
    await demo.start()
    assert (await ready_node(demo))["boot"] == node["boot"]
    (lesson,) = demo.rows(first)
    assert lesson[1] == "LIVE"

    await until(lambda: demo.rows(first)[0][1] == "ENDED", 70, "the lesson ends by the clock")
    rooms = [room for (room,) in demo.rows("SELECT DISTINCT room_id FROM leg")]
    left = "SELECT count(*) FROM attendancefact WHERE kind = 'LEFT' AND lesson_id = ?"
    await until(lambda: demo.rows(left, lesson[0])[0][0] >= 3, 15, "everybody left")
    for room in rooms:
        (connected,) = evidence(demo, room, "CONNECTED")
        assert connected.seconds > 50
        received = evidence(demo, room, "RECEIVED")
        assert sum(piece.seconds for piece in received) > connected.seconds - 3
    assert await demo.end(signal.SIGTERM) == 0
    assert demo.left_overs() == []
    assert "Traceback" not in demo.log()


async def test_it_ends_in_time_while_the_database_is_locked(plain: CoordinatorProcess) -> None:
    """Readers and writers then wait for thirty seconds in threads that nobody can stop."""
    await plain.start()
    node = await ready_node(plain)
    locked = sqlite3.connect(plain.folder / "data/tongke.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    try:
        await asyncio.sleep(3)  # its loops have met the lock
        watch = Stopwatch()
        status = await plain.end(signal.SIGTERM, 40.0)
        assert watch.seconds < watch.allows(END_WITHIN + 3.0)
    finally:
        locked.close()
    assert status in (0, FORCED)
    assert not is_alive(node["pid"]), "the relay node is ended with it"
