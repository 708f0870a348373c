"""The keeper of recording hosts' pullers when one cannot be started: others and it itself go on."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from scheduler.booking.book import book
from scheduler.kernel.database import Database
from scheduler.lessons.recording import recorded_lessons
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson
from scheduler.lessons.timing import Timing
from scheduler.organisation.sealing import KEY_BYTES, Seal
from scheduler.organisation.sources import stored_source
from scheduler.organisation.tables import Room
from server.app import ROOT
from server.jobs.recording_hosts import HostFolder, RecordingHosts
from server.process.keys import open_keyring
from server.process.processes import is_alive
from server.relays.tickets import TicketSigner
from tests.support.county import MONDAY, settle
from tests.support.waiting import within
from tests.support.webclient import GivenOrder
from web.kit.ports import RelayAddress

SEAL = Seal(bytes(range(KEY_BYTES)))
SECRET = "only-the-host-knows"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
async def lesson(db: Database) -> str:
    """A live lesson whose host room names a recording host that is out of reach."""
    town = await settle(db)
    booked = await book(db, MONDAY - timedelta(days=3), town.teacher, town.command())
    source = stored_source(SEAL, f"rtsp://teacher:{SECRET}@127.0.0.1:9/live", "core-rec")
    async with db.write() as session:
        await session.execute(update(Room).where(col(Room.code) == "core-rec").values(source))
        live = update(Lesson).where(col(Lesson.id) == booked.lesson_id)
        await session.execute(live.values(state=LessonState.LIVE))
    return booked.lesson_id


@pytest.fixture
def folder(tmp_path: Path) -> HostFolder:
    return HostFolder(tmp_path / "hosts")


def keeper(db: Database, tmp_path: Path, folder: HostFolder, seal: Seal) -> RecordingHosts:
    relays = [RelayAddress("n1", NOBODY)]
    signer = TicketSigner(open_keyring(tmp_path / "keys").signing, relays)
    order, nodes = GivenOrder(lambda: relays), {"n1": NOBODY}
    return RecordingHosts(db, signer, order, Timing(), nodes, seal, folder, ROOT)


@pytest.fixture
async def hosts(db: Database, tmp_path: Path, folder: HostFolder) -> AsyncIterator[RecordingHosts]:
    kept = keeper(db, tmp_path, folder, SEAL)
    yield kept
    await kept.end()


async def test_a_puller_is_noted_and_gets_its_secret_where_nobody_else_reads_it(
    hosts: RecordingHosts, folder: HostFolder, lesson: str
) -> None:
    await hosts.look()
    pid = folder.running()[lesson]
    await hosts.look()
    assert folder.running() == {lesson: pid}
    for words in ("cmdline", "environ"):
        assert SECRET.encode() not in Path(f"/proc/{pid}/{words}").read_bytes()
    assert not any(SECRET in file.read_text() for file in folder.path.iterdir())
    await hosts.end()
    assert not is_alive(pid)
    assert folder.lessons() == set()


async def test_one_that_cannot_be_started_is_tried_again(
    db: Database,
    hosts: RecordingHosts,
    folder: HostFolder,
    lesson: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with db.read() as session:
        (found,) = await recorded_lessons(session)
    folder.log(found.room_id).mkdir()
    await hosts.look()
    assert "cannot be started: Is a directory" in caplog.text
    assert folder.running() == {}
    folder.log(found.room_id).rmdir()
    async with within(5, "a puller that runs"):
        while not folder.running():
            await hosts.look()
            await asyncio.sleep(0.1)


async def test_an_address_under_another_key_is_named_and_nothing_is_started(
    db: Database, tmp_path: Path, folder: HostFolder, lesson: str, caplog: pytest.LogCaptureFixture
) -> None:
    hosts = keeper(db, tmp_path, folder, Seal(bytes(KEY_BYTES)))
    await hosts.look()
    assert "address cannot be decrypted, import it again" in caplog.text
    assert folder.lessons() == set()
