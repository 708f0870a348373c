"""`python -m tests.upgrade CHECKOUT`: make tests/upgrade/copy/ anew, by the version before.

CHECKOUT holds that version, set up (`make setup`). It founds a county, enrols terminals, holds one
lesson to its end and another until its coordinator is killed, so that the node's journal holds
what nobody has read. What a later version has to say of the copy is taken from the old one itself,
which is started on the copy once more. About eight minutes.

The keys of the copy are none: `lay_out` makes them, and each terminal's token is its name.
"""

import asyncio
import json
import shutil
import signal
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.upgrade.copy_of_old import (
    COPY,
    DATABASE,
    JOURNAL,
    NODE,
    SAID,
    lay_out,
    token_hash,
    write_seal_key,
)
from tests.upgrade.old_product import OldProduct
from tests.upgrade.pages import Pages, signed_in

AHEAD = "2099-09-07 02:00:00.000000", "2099-09-07 02:40:00.000000"
"""Where the lesson that is yet to come lies in the copy, whenever it is looked at (UTC)."""


def minute(ahead: float) -> datetime:
    """Return the first full minute that is so many seconds ahead."""
    soon = datetime.now(UTC) + timedelta(seconds=ahead + 60)  # noqa: TID251 - the real time
    return soon.replace(second=0, microsecond=0)


class Story:
    """What happens in the county before the upgrade."""

    def __init__(self, old: OldProduct) -> None:
        self.old = old
        self.lessons: dict[str, str] = {}

    def _id(self, table: str, code: str) -> str:
        found = self.old.one(f"SELECT id FROM {table} WHERE code = ?", code)  # noqa: S608
        return str(found)

    async def book(self, pages: Pages, title: str, starts: datetime, minutes: int) -> str:
        classes = {"near": self._id("classgroup", "gb-2-3")}
        legs = [
            {"room_id": self._id("room", code), "class_id": classes.get(code)}
            for code in ("near", "far", "dark")
        ]
        body = {
            "title": title,
            "subject": "语文",
            "community_id": self._id("community", "gb-community"),
            "host_room_id": self._id("room", "host"),
            "host_teacher_id": self._id("person", "gb-1-chen"),
            "host_class_id": self._id("classgroup", "gb-1-3"),
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(minutes=minutes)).isoformat(),
            "legs": legs,
            "idempotency_key": f"copy-{title}",
        }
        self.lessons[title] = (await pages.call("/api/v1/lessons", body))["id"]
        return self.lessons[title]

    async def state(self, lesson: str, *states: str) -> None:
        asked = "SELECT state FROM lesson WHERE id = ?"
        await self.old.until(f"{states}", lambda: self.old.one(asked, lesson) in states, 400)

    async def plan(self, pages: Pages) -> None:
        """Terminals, and lessons that are moved, cancelled, and yet to come."""
        for name in ("host", "near", "far"):
            await self.old.enrol(pages, name, name)
        lost = await self.old.enrol(pages, "lost", "dark")
        await pages.form(f"/admin/terminals/{lost}/revoke")
        self.old.switch_off("lost")
        later = minute(86_400)
        cancelled = await self.book(pages, "取消的课", later, 40)
        await pages.call(f"/api/v1/lessons/{cancelled}/cancel", {"reason": "停电"})
        ahead = await self.book(pages, "将来的课", later, 40)
        moved = {"starts_at": (later + timedelta(hours=2)).isoformat(), "version": 1}
        moved["ends_at"] = (later + timedelta(hours=2, minutes=40)).isoformat()
        await pages.call(f"/api/v1/lessons/{ahead}/move", moved)

    async def teach(self, pages: Pages) -> None:
        """A lesson with everything: answers, a room that goes early, a count, a remark."""
        lesson = await self.book(pages, "上完的课", minute(5), 10)
        near, _far, dark = await self._legs(pages, lesson)
        place = f"/api/v1/lessons/{lesson}/legs"
        await pages.call(f"{place}/{near}/confirm", {})
        await pages.call(f"{place}/{dark}/decline", {})
        await self.state(lesson, "LIVE")
        await asyncio.sleep(25)
        self.old.switch_off("far")
        await asyncio.sleep(15)
        await pages.call(f"{place}/{near}/head-count", {"pupils": 31})
        await pages.call(f"/api/v1/lessons/{lesson}/end", {})
        reason = {"status": "PRESENT", "reason": "在邻班教室听课"}
        await pages.call(f"{place}/{dark}/remarks", reason)
        await self.state(lesson, "ARCHIVED")
        await pages.usage()  # whoever asks first has the figures kept

    async def _legs(self, pages: Pages, lesson: str) -> list[str]:
        shown = await pages.call(f"/api/v1/lessons/{lesson}")
        rooms = {leg["room"]["id"]: leg["id"] for leg in shown["legs"]}
        return [rooms[self._id("room", code)] for code in ("near", "far", "dark")]

    async def teach_on(self, pages: Pages) -> None:
        """A lesson whose coordinator is killed; it goes on without, and nobody reads of its end."""
        lesson = await self.book(pages, "无人记录的课", minute(5), 2)
        await self.state(lesson, "LIVE")
        await asyncio.sleep(20)
        self.old.end(signal.SIGKILL)
        await asyncio.sleep(10)
        self.old.switch_off("near")
        await asyncio.sleep(5)
        self.old.switch_off("host")
        await asyncio.sleep(3)
        self.old.end_all()
        await asyncio.sleep(3)


async def tell(old: OldProduct, county: Path) -> None:
    write_seal_key(old.data / "keys")
    old.init(county)
    story = Story(old)
    await old.start()
    async with signed_in(old.url) as pages:
        await story.plan(pages)
        await story.teach(pages)
    old.end()
    await old.start()  # the node begins a new file of its journal, and the old ones are read
    async with signed_in(old.url) as pages:
        await story.teach_on(pages)


def keep_database(file: Path) -> None:
    """Write the database as text: no sessions, tokens that are names, one lesson far ahead."""
    with closing(sqlite3.connect(file)) as db:
        (ahead,) = db.execute("SELECT id FROM lesson WHERE title = '将来的课'").fetchone()
        for table, column in (("lesson", "id"), ("claim", "lesson_id")):
            moved = f"UPDATE {table} SET starts_at = ?, ends_at = ? WHERE {column} = ?"  # noqa: S608
            db.execute(moved, (*AHEAD, ahead))
        rooms = "SELECT code, terminal.id FROM terminal JOIN room ON room.id = room_id"
        for code, terminal in db.execute(rooms).fetchall():
            renamed = "UPDATE terminal SET token_hash = ? WHERE id = ?"
            db.execute(renamed, (token_hash(code), terminal))
        for table in ("session", "attempt", "pairingcode"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608
        db.commit()
        DATABASE.write_text("\n".join(db.iterdump()) + "\n", "utf-8")


def keep_journal(node: Path) -> None:
    """Keep what the node wrote after its last file that was read to the end."""
    folder = node / "journal"
    shutil.rmtree(JOURNAL, ignore_errors=True)
    JOURNAL.mkdir()
    for file in [*folder.glob("journal-*.log"), folder / "acknowledged"]:
        shutil.copyfile(file, JOURNAL / file.name)


async def ask_old(checkout: Path, folder: Path) -> dict[str, Any]:
    """Start the version before on the copy once more, and return what it has to say of it."""
    old = OldProduct(checkout, folder)
    lay_out(old.data)
    try:
        await old.start()
        asked = "SELECT COUNT(*) FROM lesson WHERE state IN ('LIVE', 'ENDED')"
        await old.until("every lesson is archived", lambda: old.one(asked) == 0, 300)
        async with signed_in(old.url) as pages:
            ids = [row[0] for row in old.all("SELECT id FROM lesson ORDER BY starts_at, id")]
            lessons = [await pages.call(f"/api/v1/lessons/{lesson}") for lesson in ids]
            return {"lessons": lessons, "usage": await pages.usage(), "audit": await pages.audit()}
    finally:
        old.end()


async def main() -> None:
    checkout, folder = Path(sys.argv[1]).resolve(), Path(tempfile.mkdtemp(prefix="tongke-copy-"))
    (folder / "first").mkdir()
    (folder / "again").mkdir()
    old = OldProduct(checkout, folder / "first")
    try:
        await tell(old, COPY / "county.toml")
    finally:
        old.end_all()
    keep_database(old.data / "tongke.db")
    keep_journal(old.data / "nodes" / NODE)
    said = await ask_old(checkout, folder / "again")
    SAID.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"made in {folder}: {sum(file.stat().st_size for file in COPY.rglob('*.*'))} octets")


if __name__ == "__main__":
    asyncio.run(main())
