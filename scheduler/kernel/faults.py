"""Whose fault a database error is: the data's, for ever, or the moment's."""

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

DATA_CLASSES = ("22", "23")
"""PostgreSQL's classes of SQLSTATE: data exception, integrity constraint violation."""


def is_of_the_data(error: Exception) -> bool:
    """Tell whether the same write would fail again whenever it is tried."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        return isinstance(error, DataError | IntegrityError) or state[:2] in DATA_CLASSES
    return isinstance(error, StatementError | UnicodeError)
