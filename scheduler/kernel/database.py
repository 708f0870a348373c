"""The database door: one engine for reading, one for writing, one transaction at a time.

SQLite: a write begins with BEGIN IMMEDIATE, because a read followed by an insert under the
default BEGIN let two processes book one room (../docs/decisions/0003). PostgreSQL: read
committed; the exclusion constraint decides races. `transact` is the one place that tries again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from scheduler.kernel.availability import DatabaseUnavailable, telling_unavailable
from scheduler.kernel.races import LostRace, may_run_again

T = TypeVar("T")

TRIES = 8
"""More winners than this, each gone before we look again, are not a race but a fault."""

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "synchronous=NORMAL",
)


Work = Callable[[AsyncSession], Awaitable[None]]

_LAST = "work before the commit"


def before_commit(session: AsyncSession, work: Work) -> None:
    """Run `work` last in the session's transaction (one that `Database.write` opened)."""
    session.info.setdefault(_LAST, []).append(work)


class Database:
    """Opens sessions. `url` is `sqlite+aiosqlite:///path` or `postgresql+asyncpg://...`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._reader = self._engine("BEGIN")
        self._writer = self._engine("BEGIN IMMEDIATE")
        self._on_commit: list[Callable[[], None]] = []

    def _engine(self, begin: str) -> AsyncEngine:
        if not self.is_sqlite:
            return create_async_engine(self.url, pool_pre_ping=True, hide_parameters=True)
        engine = create_async_engine(self.url, connect_args={"timeout": 30}, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", lambda c: c.exec_driver_sql(begin))
        return engine

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Yield a session for reading; what it changed is dropped. Raise DatabaseUnavailable."""
        with telling_unavailable(self.is_sqlite):
            async with AsyncSession(self._reader, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Yield a session in one transaction: committed at the end, undone by an exception.

        Raise DatabaseUnavailable; whether the commit was done is then not known.
        """
        with telling_unavailable(self.is_sqlite):
            async with AsyncSession(self._writer, expire_on_commit=False) as session:
                async with session.begin():
                    yield session
                    for work in session.info.get(_LAST, ()):
                        await work(session)
                if _LAST in session.info:
                    for notify in self._on_commit:
                        notify()

    def on_commit(self, notify: Callable[[], None]) -> None:
        """Call `notify` after each commit of this process that had work of `before_commit`.

        It only wakes somebody up: the process may die before.
        """
        self._on_commit.append(notify)

    async def transact(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Run `work` in one write transaction, again after a deadlock or a lost race (LostRace)."""
        for attempt in range(TRIES):
            try:
                async with self.write() as session:
                    return await work(session)
            except (DBAPIError, LostRace) as error:
                if attempt == TRIES - 1 or not may_run_again(error):
                    raise
                await asyncio.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    @asynccontextmanager
    async def listening(
        self, channel: str, notify: Callable[[], None]
    ) -> AsyncIterator[asyncio.Event]:
        """Call `notify` at each NOTIFY on a channel of PostgreSQL; yield what a lost connection
        sets.
        """
        lost = asyncio.Event()
        async with AsyncExitStack() as stack:
            stack.enter_context(telling_unavailable(self.is_sqlite))
            connection = await stack.enter_async_context(self._reader.connect())
            raw = (await connection.get_raw_connection()).driver_connection
            if raw is None:
                raise DatabaseUnavailable("the connection is gone")
            raw.add_termination_listener(lambda _connection: lost.set())
            await raw.add_listener(channel, lambda *_news: notify())
            try:
                yield lost
            finally:
                await connection.invalidate()  # its listeners must not go back to the pool

    def exists(self) -> bool:
        """Whether there may be tables: SQLite makes the file of whoever looks into it."""
        file = make_url(self.url).database if self.is_sqlite else None
        return file is None or Path(file).exists()

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def truncate_log(self) -> None:
        """Cut SQLite's write-ahead log, which holds older pages; other databases have none here."""
        if self.is_sqlite:
            async with self._writer.connect() as connection:
                await connection.run_sync(_cut_log)

    async def close(self) -> None:
        """Close every connection."""
        await self._reader.dispose()
        await self._writer.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Hand transactions to us and set what SQLite leaves off by default."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _cut_log(connection: Connection) -> None:
    """Past SQLAlchemy, which would begin a transaction: SQLite cuts its log outside of one."""
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    cursor.close()
