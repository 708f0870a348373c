"""A lesson of a room with a recording host: the coordinator has it pulled, whatever is killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import update
from sqlmodel import col

from media.client.session.address import StageAddress
from media.client.session.viewer import Viewer
from scheduler.booking.book import book
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson
from scheduler.migrations.run import upgrade
from scheduler.organisation.tables import Room
from server.jobs.recording_hosts import MODULE
from server.process.keys import open_keyring
from server.process.processes import runs
from server.relays.tickets import TicketSigner
from tests.support.clips import clip
from tests.support.coordinator import CoordinatorProcess
from tests.support.county import MONDAY, Town, settle
from tests.support.hostsound import aac_sound
from tests.support.rtsp import RecordingHost
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

PASSWORD = "only-the-host-knows"


def pullers(product: CoordinatorProcess) -> list[int]:
    """Return the pullers of this product that live."""
    return [pid for pid in product.left_overs() if runs(pid, MODULE)]


@asynccontextmanager
async def county(product: CoordinatorProcess) -> AsyncIterator[Town]:
    """The small county in the product's database, before the product starts."""
    folder = product.folder / "data"
    folder.mkdir(mode=0o700)
    url = f"sqlite+aiosqlite:///{folder / 'tongke.db'}"
    await upgrade(url)
    database = Database(url)
    try:
        yield await settle(database)
    finally:
        await database.close()


async def lesson_now(town: Town, source: str) -> str:
    """Return a live lesson of the recording room, which names `source`."""
    booked = await book(town.db, MONDAY - timedelta(days=3), town.teacher, town.command())
    began = system_clock() - timedelta(minutes=1)
    async with town.db.write() as session:
        room = update(Room).where(col(Room.code) == "core-rec").values(source_url=source)
        await session.execute(room)
        values = {
            "state": LessonState.LIVE,
            "starts_at": began,
            "actual_started_at": began,
            "ends_at": began + timedelta(minutes=30),
        }
        await session.execute(
            update(Lesson).where(col(Lesson.id) == booked.lesson_id).values(values)
        )
    return booked.lesson_id


def seat(product: CoordinatorProcess, town: Town, lesson_id: str) -> StageAddress:
    """Where a classroom watches the lesson."""
    signer = TicketSigner(open_keyring(product.folder / "data" / "keys").signing, ())
    now, hour = system_clock(), timedelta(hours=1)
    subject = f"room:{town.rooms['east-1'].id}"
    ticket = signer.mint(lesson_id, subject, "LEG", "view", now - hour, now + hour)
    return StageAddress(product.node_url, lesson_id, ticket.token)


async def more_frames(viewer: Viewer, what: str) -> None:
    seen = viewer.video.frames
    await until(lambda: viewer.video.frames > seen + 40, 25, what)


async def test_the_coordinator_has_a_recording_host_pulled_as_long_as_the_lesson_lasts(
    product: CoordinatorProcess, client_http: aiohttp.ClientSession
) -> None:
    host = RecordingHost(clip(), aac_sound(clip()), "teacher", PASSWORD)
    async with host, county(product) as town:
        lesson_id = await lesson_now(town, host.address)
        await product.start()
        while await product.hello() is None:
            await asyncio.sleep(0.1)
        viewer = Viewer(client_http, seat(product, town, lesson_id))
        await viewer.start()
        await more_frames(viewer, "pictures of the recording host")
        await until(lambda: viewer.audio.tone_share(440) > 0.8, 5, "the tone")

        (first,) = pullers(product)
        os.kill(first, signal.SIGKILL)
        await until(lambda: pullers(product) not in ([], [first]), 10, "another puller")
        await more_frames(viewer, "pictures after the puller was killed")

        (second,) = pullers(product)
        await product.end(signal.SIGKILL)
        await more_frames(viewer, "pictures without a coordinator")
        await product.start()
        await more_frames(viewer, "pictures with a new coordinator")
        assert pullers(product) == [second]

        assert PASSWORD not in product.log()
        for words in ("cmdline", "environ"):
            assert PASSWORD.encode() not in Path(f"/proc/{second}/{words}").read_bytes()
        kept = {file: file.read_bytes() for file in product.folder.rglob("*") if file.is_file()}
        assert [file.name for file in kept if file.match("data/hosts/*.log")] != []
        assert [file for file, content in kept.items() if PASSWORD.encode() in content] == []

        async with town.db.write() as session:
            ended = update(Lesson).where(col(Lesson.id) == lesson_id)
            await session.execute(ended.values(state=LessonState.ENDED))
        await until(lambda: not pullers(product), 10, "the puller to end with its lesson")
        await until(
            lambda: not list(product.folder.rglob("data/hosts/*.json")), 5, "its note to go"
        )
        await viewer.close()
