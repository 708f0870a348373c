"""Told in one place: the database does not answer just now, whatever its driver calls that."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

AWAY = ("08", "57P01", "57P02", "57P03", "53300")
"""PostgreSQL, by SQLSTATE: connection lost; shut down, crashed, starting up; too many clients."""

LOCKED = ("database is locked", "database table is locked")
"""SQLite: somebody else has been writing for longer than we wait."""


class DatabaseUnavailable(SQLAlchemyError):
    """the database does not answer just now"""


@contextmanager
def telling_unavailable(is_sqlite: bool) -> Iterator[None]:
    """Raise DatabaseUnavailable for what only says that the database is away or busy.

    A connection that cannot be made is an OSError or the driver's own error, for it comes before
    SQLAlchemy has anything to wrap.
    """
    try:
        yield
    except DatabaseUnavailable:
        raise
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        if not _is_unavailable(error, is_sqlite):
            raise
        raise DatabaseUnavailable(f"the database does not answer: {_word(error)}") from error


def _is_unavailable(error: Exception, is_sqlite: bool) -> bool:
    if isinstance(error, DBAPIError):
        if is_sqlite:
            return any(words in str(error.orig) for words in LOCKED)
        return error.connection_invalidated or _code(error.orig).startswith(AWAY)
    if is_sqlite:
        return False
    if isinstance(error, asyncpg.PostgresError):
        return _code(error).startswith(AWAY)
    return True  # refused, timed out, closed under our hands


def _code(error: BaseException | None) -> str:
    return str(getattr(error, "sqlstate", None) or "")


def _word(error: Exception) -> str:
    """Return the kind of an error: its text may name addresses or hold a query."""
    return type(getattr(error, "orig", None) or error).__name__
