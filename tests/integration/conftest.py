"""Fixtures of the tests that run the scheduler's use cases and the web application."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scheduler.kernel.database import Database
from tests.support.county import Town, settle
from tests.support.webclient import Site, open_site


@pytest.fixture
async def town(any_db: Database) -> Town:
    """The small county, in an empty database of each kind."""
    return await settle(any_db)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """The web application on a database of its own with the demo county."""
    async with open_site(tmp_path) as running:
        yield running
