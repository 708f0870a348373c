"""Named locks that last as long as the transaction.

SQLite needs none: a write begins with BEGIN IMMEDIATE, so there is one writer at a time.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def hold(session: AsyncSession, *names: str) -> None:
    """Wait for the locks of these names, in sorted order so that two holders cannot deadlock."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for name in sorted(set(names)):
        statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        await session.execute(statement, {"name": name})
