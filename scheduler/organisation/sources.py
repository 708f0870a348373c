"""Addresses of recording hosts (录播主机) in the database: sealed, beside what may be shown."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.kernel.database import Database
from scheduler.organisation.sealing import Seal, is_sealed, shown
from scheduler.organisation.tables import Room


def stored_source(seal: Seal | None, address: str, room_code: str) -> dict[str, str]:
    """Return the columns of a room that keep an address.

    Raise ValueError for an address without a seal: it would lie there in plain text.
    """
    if not address:
        return {"source_url": "", "source_shown": ""}
    if seal is None:
        raise ValueError("the address of a recording host is not stored without a seal")
    return {"source_url": seal.close(address, room_code), "source_shown": shown(address)}


async def seal_plain_sources(db: Database, seal: Seal) -> int:
    """Seal what an older version stored in plain text; return how many addresses that were."""

    async def work(session: AsyncSession) -> int:
        if db.is_sqlite:  # what was plain is overwritten, not only forgotten
            await session.execute(text("PRAGMA secure_delete=ON"))
        rooms = await session.scalars(select(Room).where(col(Room.source_url) != ""))
        plain = [room for room in rooms if not is_sealed(room.source_url)]
        for room in plain:
            room.sqlmodel_update(stored_source(seal, room.source_url, room.code))
        return len(plain)

    sealed = await db.transact(work)
    if sealed:
        await db.truncate_log()
    return sealed
