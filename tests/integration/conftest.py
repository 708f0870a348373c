"""Fixtures of the tests that run the scheduler's use cases."""

import pytest

from scheduler.database import Database
from tests.support.county import Town, settle


@pytest.fixture
async def town(any_db: Database) -> Town:
    """The small county, in an empty database of each kind."""
    return await settle(any_db)
