"""Orders that a node could not hear wait on disk until they are heard or over."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from server.config.settings import NodeSettings
from server.jobs.presence import LastHeard
from server.relays.control import ControlClient
from server.relays.orders import NodeDesk, Order, OrderBook
from tests.support.figures import roster_entry
from tests.support.ports import free_ports

NOW = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def order(node: str, until: float) -> Order:
    return Order(node, "close", ("l1",), "ended", until)


def test_orders_survive_a_restart_and_are_settled_once(tmp_path: Path) -> None:
    file = tmp_path / "orders.json"
    book = OrderBook(file)
    book.add(order("n1", 100.0))
    book.add(Order("n2", "revoke", ("t1", "t2"), "", 200.0))
    again = OrderBook(file)
    assert again.waiting == book.waiting
    again.settle([order("n1", 100.0)], now=50.0)
    assert [o.node for o in OrderBook(file).waiting] == ["n2"]


def test_an_order_whose_time_is_over_is_dropped(tmp_path: Path) -> None:
    book = OrderBook(tmp_path / "orders.json")
    book.add(order("n1", 100.0))
    book.settle([], now=100.0)
    assert OrderBook(tmp_path / "orders.json").waiting == []


def test_a_damaged_file_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "orders.json").write_text('[{"node": 1')
    assert OrderBook(tmp_path / "orders.json").waiting == []


@pytest.fixture
def book(tmp_path: Path) -> OrderBook:
    return OrderBook(tmp_path / "orders.json")


@pytest.fixture
async def desk(book: OrderBook) -> AsyncIterator[NodeDesk]:
    """The desk of one node, n1, which is away."""
    (port,) = free_ports(1)
    node = NodeSettings(id="n1", http_port=port)
    async with aiohttp.ClientSession() as http:
        client = ControlClient(node.control, "secret", http)
        yield NodeDesk([node], {"n1": client}, book, lambda: NOW)


async def test_a_node_that_is_away_hears_later_and_nobody_is_raised_at(
    desk: NodeDesk, book: OrderBook
) -> None:
    until = NOW + timedelta(hours=1)
    async with asyncio.timeout(5):
        assert await desk.close_stage("l1", "ended", until) is False
        assert await desk.revoke(["t1"], until) is False
        await desk.deliver("n1")
        (entry,) = await desk.status()
    assert [o.kind for o in book.waiting] == ["close", "revoke"]
    assert (entry.id, entry.reachable) == ("n1", False)


async def test_an_order_given_again_replaces_the_one_that_waits(
    desk: NodeDesk, book: OrderBook
) -> None:
    await desk.revoke(["t1"], NOW + timedelta(hours=12))
    await desk.revoke(["t2"], NOW + timedelta(hours=12))
    await desk.revoke(["t1"], NOW + timedelta(hours=26))
    await desk.deliver("n1")
    late = (NOW + timedelta(hours=24)).timestamp()
    waiting = [(o.names, o.until > late) for o in book.waiting]
    assert waiting == [(("t2",), False), (("t1",), True)]


def test_a_room_counts_by_its_newest_sign_of_life() -> None:
    heard = LastHeard()
    peers = [
        roster_entry("room:r1", 100.0),
        roster_entry("room:r1", 90.0),
        roster_entry("person:p1", 104.0),
    ]
    heard.note({"l1": peers})
    assert heard.within("l1", "r1", now=104.9, seconds=5.0)
    assert not heard.within("l1", "r1", now=105.1, seconds=5.0)
    assert not heard.within("l2", "r1", now=104.0, seconds=5.0)
    assert not heard.within("l1", "p1", now=104.0, seconds=5.0)
    heard.note({})
    assert heard.within("l1", "r1", now=104.0, seconds=5.0)
