"""Fixtures of the end-to-end tests: a real relay node, the whole product, and an HTTP client."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.coordinator import CoordinatorProcess
from tests.support.county_now import found_county
from tests.support.outside import OutsideNodes, OutsideProduct
from tests.support.relay import RelayProcess, running_relay


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RelayProcess]:
    """A relay node in a process of its own, open to pages of any origin."""
    async with running_relay(tmp_path / "node", origins=("*",)) as process:
        yield process


@pytest.fixture
async def client_http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[CoordinatorProcess]:
    """The coordinator with its relay node, not started yet, in a folder of its own."""
    process = CoordinatorProcess(tmp_path)
    yield process
    await process.clean_up()


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[OutsideProduct]:
    """The coordinator with its county and two relay nodes that it does not start; all run."""
    process = CoordinatorProcess(tmp_path, nodes=2, spawn=False)
    nodes = OutsideNodes(process, tmp_path / "outside")
    try:
        zone = await found_county(process)
        await process.start()
        for number in (1, 2):
            nodes.start(number)
        yield process, nodes, zone
    finally:
        nodes.end()
        await process.clean_up()
