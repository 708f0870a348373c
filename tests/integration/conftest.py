"""Fixtures of the tests that run the scheduler's use cases and the web application."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from scheduler.access import passwords
from scheduler.kernel.database import Database
from tests.support.county import Town, settle
from tests.support.webclient import Site, open_site


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2 at its cheapest: what a hash costs is measured elsewhere, guessers try many here."""
    cheapest = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheapest)
    passwords._dummy_hash.cache_clear()
    yield
    passwords._dummy_hash.cache_clear()


@pytest.fixture
async def town(any_db: Database) -> Town:
    """The small county, in an empty database of each kind."""
    return await settle(any_db)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """The web application on a database of its own with the demo county."""
    async with open_site(tmp_path) as running:
        yield running
