"""A coordinator with two relay nodes: started, adopted, started again, told of everything."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.placement.orders import Order, OrderKind, put_orders
from server.process.keys import open_keyring
from server.process.processes import is_alive
from server.relays.tickets import TicketSigner
from tests.support.coordinator import CoordinatorProcess
from tests.support.waiting import within

BOTH = (1, 2)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[CoordinatorProcess]:
    coordinator = CoordinatorProcess(tmp_path, nodes=2)
    yield coordinator
    await coordinator.clean_up()


async def ready(
    coordinator: CoordinatorProcess, number: int, but: str = "", seconds: float = 20
) -> dict[str, Any]:
    """Wait for a node, and for another run of it than the boot `but`."""
    async with within(seconds, f"n{number} answers"):
        while True:
            hello = await coordinator.hello(number)
            if hello is not None and hello["boot"] != but:
                return hello
            await asyncio.sleep(0.1)


async def test_both_are_started_adopted_and_ended(pair: CoordinatorProcess) -> None:
    await pair.start()
    before = [await ready(pair, number) for number in BOTH]
    assert [hello["node"] for hello in before] == ["n1", "n2"]
    for name in ("n1", "n2"):
        assert list((pair.folder / "data/nodes" / name / "journal").iterdir()), f"journal of {name}"

    await pair.end(signal.SIGKILL)
    assert all(is_alive(hello["pid"]) for hello in before)
    await pair.start()
    after = [await ready(pair, number) for number in BOTH]
    assert [hello["boot"] for hello in after] == [hello["boot"] for hello in before]
    status = await pair.ask("relay", "status")
    assert [line.split()[:2] for line in status.stdout.splitlines()] == [
        ["n1", "ready"],
        ["n2", "ready"],
    ]
    assert await pair.end(signal.SIGTERM) == 0
    assert not any(is_alive(hello["pid"]) for hello in after)


async def test_one_that_dies_is_started_again_and_the_other_is_left_alone(
    pair: CoordinatorProcess,
) -> None:
    await pair.start()
    first, second = [await ready(pair, number) for number in BOTH]
    os.kill(first["pid"], signal.SIGKILL)
    again = await ready(pair, 1, but=first["boot"])
    assert again["seq"] > 0, "its journal goes on"
    assert (await ready(pair, 2))["boot"] == second["boot"]


async def test_a_node_is_drained_and_taken_back_by_a_command(pair: CoordinatorProcess) -> None:
    await pair.start()
    draining = "SELECT id FROM node WHERE draining"
    done = await pair.ask("relay", "drain", "n2")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "n2 takes no new lessons"
    assert pair.rows(draining) == [("n2",)]
    for number in BOTH:
        await ready(pair, number)
    told = (await pair.ask("relay", "status")).stdout.splitlines()
    assert [line.partition("  0 stages")[0] for line in told] == [
        "n1  ready",
        "n2  ready  takes no new lessons",
    ]
    undone = await pair.ask("relay", "drain", "n2", "--undo")
    assert undone.stdout.splitlines() == ["n2 takes new lessons again"]
    assert pair.rows(draining) == []
    assert "new lessons" not in (await pair.ask("relay", "status")).stdout
    unknown = await pair.ask("relay", "drain", "n9")
    assert unknown.returncode == 2
    assert unknown.stderr.strip() == "tongke: no relay node 'n9' in config.toml: n1, n2"


async def test_an_end_reaches_every_node_also_one_that_was_away(
    pair: CoordinatorProcess,
) -> None:
    await pair.start()
    for number in BOTH:
        await ready(pair, number)
    keys = open_keyring(pair.folder / "data/keys")
    now = system_clock()
    later = now + timedelta(hours=1)
    signer = TicketSigner(keys.signing, ())
    tickets = {
        stage: signer.mint(stage, "room:a", "LEG", "view", now, later, "device").token
        for stage in ("early", "late", "revoked")
    }

    async def answers(stage: str) -> list[int]:
        """What each node says of a stage to the holder of a ticket."""
        headers = {"Authorization": f"Bearer {tickets[stage]}"}
        found = []
        for url in pair.node_urls:
            async with http.get(f"{url}/stages/{stage}/sources", headers=headers) as response:
                found.append(response.status)
        return found

    async with aiohttp.ClientSession() as http:
        assert await answers("early") == [200, 200]
        await order(pair, Order(OrderKind.CLOSE, ("early",), "ended", later))
        async with within(5, "both nodes know that the lesson is over"):
            while await answers("early") != [410, 410]:
                await asyncio.sleep(0.1)

        await pair.end(signal.SIGKILL)
        second = await ready(pair, 2)
        os.kill(second["pid"], signal.SIGKILL)
        await order(pair, Order(OrderKind.CLOSE, ("late",), "ended", later))
        await order(pair, Order(OrderKind.REVOKE, ("device",), "", later))
        await pair.start()
        await ready(pair, 2, but=second["boot"])
        async with within(5, "both nodes know of the revoked device"):
            while await answers("late") != [403, 403]:  # the device was revoked as well
                await asyncio.sleep(0.1)
        assert await answers("revoked") == [403, 403]


async def order(pair: CoordinatorProcess, wanted: Order) -> None:
    """Write an order for both nodes, as what follows from an event."""
    db = Database(f"sqlite+aiosqlite:///{pair.folder}/data/tongke.db")
    async with db.write() as session:
        await put_orders(session, wanted, ["n1", "n2"], 0)
    await db.close()
