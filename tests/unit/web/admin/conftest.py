"""The administrators' pages on a real database with the demo county and one lesson that was taught.

One application a module, for what its tests do to it builds up.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.admin_site import RecordingRelay, teach
from tests.support.webclient import Site, Visitor, open_site


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(tmp_path_factory.mktemp("admin")) as running:
        running.services.relay = running.relay = RecordingRelay()
        await teach(running)
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def admin(site: Site) -> Visitor:
    return await site.sign_in("county")
