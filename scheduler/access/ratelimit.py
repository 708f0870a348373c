"""Counting tries in the table Attempt, so that a restart forgets none.

A bucket is a name such as "login:<login>" or "pair:<masked address>". The rule is a sliding
window: `limit` tries in any `window`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.tables import Attempt
from scheduler.kernel.locks import hold

KEEP = timedelta(days=1)
"""Attempts older than this are deleted by the next one that is counted; no window is longer."""

BUCKET_LENGTH = 96


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` in `window`."""

    tries: int
    window: timedelta


def wait_for(tries: Sequence[datetime], now: datetime, limit: Limit) -> timedelta | None:
    """Return how long the next try has to wait, or None when it is allowed now. Pure."""
    recent = sorted(at for at in tries if at > now - limit.window)
    if len(recent) < limit.tries:
        return None
    return recent[-limit.tries] + limit.window - now


def bucket(kind: str, name: str) -> str:
    """Return a bucket that fits its column however long `name` is, and holds no name at all."""
    return f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


async def tries(session: AsyncSession, name: str, since: datetime) -> list[datetime]:
    """Return the times of the attempts of a bucket after `since`."""
    found = await session.execute(
        select(col(Attempt.at)).where(col(Attempt.bucket) == name, col(Attempt.at) > since)
    )
    return list(found.scalars())


async def note(session: AsyncSession, name: str, now: datetime) -> str:
    """Record one attempt, forget those that no window reaches, and return the attempt's id."""
    await session.execute(delete(Attempt).where(col(Attempt.at) < now - KEEP))
    attempt = Attempt(bucket=name[:BUCKET_LENGTH], at=now)
    session.add(attempt)
    return attempt.id


async def count(session: AsyncSession, name: str, now: datetime, limit: Limit) -> bool:
    """Count one attempt; return False, without counting, when the bucket is full.

    Call it within `Database.write` or `transact`: the count and its check are one transaction.
    """
    name = name[:BUCKET_LENGTH]
    await hold(session, name)
    if wait_for(await tries(session, name, now - limit.window), now, limit) is not None:
        return False
    await note(session, name, now)
    return True
