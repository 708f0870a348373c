"""What a journal holds and the ledger cannot take: set aside, counted, and the rest goes on."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.evidence.intervals import NewFact
from scheduler.evidence.tables import SetAside
from scheduler.kernel.database import Database

MOST_CONTENT, MOST_REASON = 4000, 200


async def set_aside(
    db: Database, now: datetime, node_id: str, content: object, reason: str, seq: int
) -> None:
    """Keep a record or a fact for people to look at; the same again adds nothing."""
    text = json.dumps(content, default=str, sort_keys=True)  # ASCII: it holds what no text may
    one = hashlib.sha256(f"{node_id} {text}".encode()).hexdigest()

    async def work(session: AsyncSession) -> None:
        if await session.get(SetAside, one) is None:
            row = SetAside(id=one, node_id=node_id, seq=seq, at=now)
            row.content, row.reason = text[:MOST_CONTENT], plain(reason)[:MOST_REASON]
            session.add(row)

    await db.transact(work)


def plain(text: str) -> str:
    """Return the text with everything escaped that a database might refuse."""
    return text.encode("ascii", "backslashreplace").decode().replace("\0", "\\0")


def content_of(fact: NewFact) -> Sequence[object]:
    """Return a fact as it is kept."""
    times = (fact.starts_at.isoformat(), fact.ends_at.isoformat())
    return [fact.kind, fact.lesson_id, fact.subject, fact.role, fact.boot, fact.peer, *times]


async def newest_set_aside(session: AsyncSession, limit: int) -> Sequence[SetAside]:
    """Return what was set aside last, the newest first."""
    query = select(SetAside).order_by(col(SetAside.at).desc(), col(SetAside.seq).desc())
    return (await session.scalars(query.limit(limit))).all()


async def count_set_aside(session: AsyncSession, since: datetime) -> int:
    """Return how much was set aside since then."""
    query = select(func.count()).select_from(SetAside).where(col(SetAside.at) >= since)
    return await session.scalar(query) or 0
