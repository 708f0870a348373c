"""Races that the database decides: what a transaction looked for has been written since.

Whoever writes what may exist once only, does so within `losing_a_race`. `Database.transact` then
runs the transaction again, and its rules see what came first.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError

TAKEN = frozenset({"23505", "23P01", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_TRIGGER"})
"""Unique and exclusion violation on PostgreSQL; SQLite has triggers instead of exclusions."""

AGAIN = frozenset({"40P01", "40001"})
"""PostgreSQL: deadlock detected, serialization failure."""


class LostRace(Exception):
    """another transaction has written what this one found free"""


@contextmanager
def losing_a_race() -> Iterator[None]:
    """Raise LostRace for what the database refuses in here because it exists already."""
    try:
        yield
    except IntegrityError as error:
        if _code(error) not in TAKEN:
            raise
        raise LostRace(str(error.orig)) from error


def may_run_again(error: DBAPIError | LostRace) -> bool:
    """Whether the same transaction may go through the next time."""
    return isinstance(error, LostRace) or _code(error) in AGAIN


def _code(error: DBAPIError) -> str | None:
    """Return the SQLSTATE of PostgreSQL, or SQLite's name of the error."""
    found = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return None if found is None else str(found)
