"""Fixtures that every test may ask for."""

from tests.support.databases import (  # noqa: F401 - pytest finds fixtures by their names here
    any_db,
    database_url,
    db,
    migrated_postgres,
    migrated_sqlite,
    postgres,
    sqlite_url,
)
