"""Fixtures of the tests that run the scheduler's use cases and the web application."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scheduler.kernel.database import Database
from tests.support.county import Town, settle
from tests.support.webclient import Desk, open_desk


@pytest.fixture
async def town(any_db: Database) -> Town:
    """The small county, in an empty database of each kind."""
    return await settle(any_db)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """The web application on a database of its own with the demo county."""
    async with open_desk(tmp_path) as running:
        yield running
