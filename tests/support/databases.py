"""Databases for tests: SQLite files and a private PostgreSQL, both migrated.

`database_url` runs a test on both. PostgreSQL is started once a session on a unix socket in a
directory of its own; where there is no server binary the test is skipped with the reason.
"""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from scheduler.kernel.database import Database
from scheduler.migrations.run import upgrade

SERVER_USER = "postgres"
"""initdb and postgres refuse to run as root."""

START_SECONDS = 30
LOGGED_COPIES = 15
"""The first version that knows more than one way to copy a database."""


def postgres_binaries() -> Path | None:
    """Return the directory of initdb and postgres, None where there is no server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


class PostgresServer:
    """A server of our own: no TCP port, no durability, gone at the end."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._home = Path(tempfile.mkdtemp(prefix="tongke-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._version = 0
        self._user = SERVER_USER if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            shutil.chown(self._home, SERVER_USER)

    def start(self) -> None:
        """Make the cluster and wait until it answers."""
        made = self._spawn(
            "initdb", "-D", str(self._home / "data"), "-U", "tongke", "-A", "trust", "-E", "UTF8"
        )
        if made.wait() != 0:
            raise RuntimeError((self._home / "log").read_text())
        self.resume()

    def resume(self) -> None:
        """Start the server and wait until it answers."""
        self._process = self._spawn(
            *("postgres", "-D", str(self._home / "data"), "-k", str(self._home)),
            *("-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"),
        )
        asyncio.run(self._wait())

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self.halt()
        shutil.rmtree(self._home)

    def halt(self) -> None:
        """Stop the server, without waiting for its clients (SIGINT)."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_SECONDS)
            self._process = None

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database on this server."""
        return f"postgresql+asyncpg://tongke@/{name}?host={self._home}"

    async def create(self, template: str = "template1") -> str:
        """Make a database with a fresh name and return the name.

        Its files are copied as they are: through the log, as is the default since PostgreSQL 15,
        a copy takes three times as long.
        """
        name = f"t{uuid4().hex[:12]}"
        how = " STRATEGY FILE_COPY" if self._version >= LOGGED_COPIES else ""
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {template}{how}")
        return name

    async def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected: 14 MB in 900 files, and slow to delete."""
        await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._home / "log").open("ab") as log:
            return subprocess.Popen(
                [str(self._binaries / program), *arguments],
                stdout=log,
                stderr=log,
                cwd=self._home,
                user=SERVER_USER if os.getuid() == 0 else None,
                group=SERVER_USER if os.getuid() == 0 else None,
            )

    async def _wait(self) -> None:
        for _ in range(START_SECONDS * 10):
            try:
                return await self._execute("SELECT 1")
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(0.1)
        raise RuntimeError((self._home / "log").read_text())

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(host=str(self._home), user="tongke", database="postgres")
        self._version = connection.get_server_version().major
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test session."""
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server binary (initdb) on this machine")
    server = PostgresServer(binaries)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """The name of a migrated database to copy; nobody may stay connected to it."""

    async def make() -> str:
        name = await postgres.create()
        await upgrade(postgres.url(name))
        return name

    return asyncio.run(make())


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of an empty migrated SQLite database."""
    path = tmp_path / "tongke.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty migrated database: every test runs on both kinds."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    template: str = request.getfixturevalue("migrated_postgres")
    name = asyncio.run(server.create(template))
    yield server.url(name)
    asyncio.run(server.drop(name))


@pytest.fixture
async def db(sqlite_url: str) -> AsyncIterator[Database]:
    """An empty migrated SQLite database, open."""
    database = Database(sqlite_url)
    yield database
    await database.close()


@pytest.fixture
async def any_db(database_url: str) -> AsyncIterator[Database]:
    """An empty migrated database of each kind, open."""
    database = Database(database_url)
    yield database
    await database.close()
