"""What the tests of the administrators' pages share: a lesson that was taught, and its relay."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta

from aiohttp import ClientResponse

from media.contract.stats import NodeStats
from scheduler.evidence.ledger import append
from scheduler.lifecycle.reconcile import reconcile
from tests.support.evidence import facts
from tests.support.lessons import book_lesson, rooms_of_school
from tests.support.webclient import MORNING, SilentRelay, Site, Visitor
from web.kit.ports import NodeStatus

START = MORNING.replace(hour=10, minute=0)


class RecordingRelay(SilentRelay):
    """Relay nodes that answer."""

    def __init__(self) -> None:
        self.figures: Mapping[str, NodeStats] = {}

    async def stats(self) -> Mapping[str, NodeStats]:
        return self.figures

    async def status(self) -> Sequence[NodeStatus]:
        return [NodeStatus("n1", "http://relay.test", True, "b1", peers=4, stages=1)]


async def teach(site: Site) -> None:
    """A lesson of 40 minutes: one leg sees it all, one is late and cut, one never comes."""
    lesson_id = await book_lesson(site, "teacher", ["lz14", "lz15", "fc-sg"], "k", START)
    rooms = {code: (await rooms_of_school(site, code))[0].id for code in ("lz14", "lz15")}
    site.clock.now = START
    await reconcile(site.db, START, site.services.timing)
    seen = [
        *facts(lesson_id, rooms["lz14"], START, 0, 40),
        *facts(lesson_id, rooms["lz15"], START, 6, 20),
        *facts(lesson_id, rooms["lz15"], START, 21, 40, peer="again"),
    ]
    await append(site.db, "n1", 1, seen)
    site.clock.now = START + timedelta(minutes=45)
    await reconcile(site.db, site.clock.now, site.services.timing)


async def text(visitor: Visitor, path: str, status: int = 200) -> str:
    """Return the page at `path`, which must come with this status."""
    answer = await visitor.get(path)
    assert answer.status == status, path
    return await answer.text()


async def exported(answer: ClientResponse) -> list[dict[str, str]]:
    """Return the rows of a CSV file by the names of its columns."""
    raw = await answer.read()
    assert raw.startswith(b"\xef\xbb\xbf"), "no byte order mark: Excel would guess the encoding"
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
