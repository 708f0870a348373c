"""`orders.json`: where the version before kept the orders that waited for relay nodes."""

import asyncio
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.kernel.database import Database
from scheduler.placement.orders import Order, OrderKind, put_orders

LOG = logging.getLogger(__name__)


async def take_over_orders(db: Database, file: Path) -> None:
    """Move what waits in the file into the database, once: an order put twice replaces itself."""
    try:
        orders = await asyncio.to_thread(_read, file)
    except FileNotFoundError:
        return
    except (ValueError, TypeError, KeyError) as error:
        LOG.error("orders of the version before cannot be read; kept as %s: %s", file.name, error)
        return

    async def work(session: AsyncSession) -> None:
        for node_id, order in orders:
            await put_orders(session, order, [node_id], 0)
            await session.flush()

    await db.transact(work)
    await asyncio.to_thread(file.unlink)
    if orders:
        LOG.info("%d orders of the version before wait for relay nodes", len(orders))


def _read(file: Path) -> list[tuple[str, Order]]:
    return [
        (
            str(entry["node"]),
            Order(
                OrderKind(entry["kind"]),
                tuple(str(name) for name in entry["names"]),
                str(entry["reason"]),
                datetime.fromtimestamp(float(entry["until"]), UTC),
            ),
        )
        for entry in json.loads(file.read_text("utf-8"))
    ]
