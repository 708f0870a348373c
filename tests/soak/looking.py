"""A node's size as its /metrics tells it, and the journal's coordinator meanwhile."""

import asyncio
import re

import aiohttp

from tests.support.relay import RelayProcess

METRIC = re.compile(r'^tongke_(\w+)(?:{table="(\w+)"})? ([0-9.e+]+)$', re.MULTILINE)
WATCHED = ("table_size", "tasks", "open_files", "resident_bytes", "memory_blocks")


async def look(relay: RelayProcess, http: aiohttp.ClientSession) -> dict[str, int]:
    """Return what /metrics says of the node's size."""
    await acknowledge(relay, http)
    async with http.get(f"{relay.url}/metrics") as response:
        found = METRIC.findall(await response.text())
    return {table or name: int(float(value)) for name, table, value in found if name in WATCHED}


async def acknowledge(relay: RelayProcess, http: aiohttp.ClientSession) -> None:
    """Hold everything that the journal says, as a coordinator does."""
    seq = (await relay.control(http, "GET", "/hello"))["seq"]
    await relay.control(http, "POST", "/journal/ack", {"seq": seq})


async def keep_acknowledging(relay: RelayProcess) -> None:
    """Do so over a connection of its own: it would keep those of the crowd from being closed."""
    async with aiohttp.ClientSession() as http:
        while True:
            await asyncio.sleep(2)
            await acknowledge(relay, http)
