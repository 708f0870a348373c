"""Creating and updating rows that are found again by natural keys."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from scheduler.exchange.imports.plan import KindCount

Values = dict[str, Any]
Ids = dict[tuple[object, ...], str]


async def upsert(
    session: AsyncSession,
    table: type[SQLModel],
    keys: tuple[str, ...],
    rows: list[Values],
    count: KindCount,
) -> Ids:
    """Create or update each row by its keys, count it, return key -> id of all rows given."""
    held = {_key(row, keys): row for row in (await session.execute(select(table))).scalars()}
    ids: Ids = {}
    for values in rows:
        key = tuple(values[name] for name in keys)
        row = held.get(key)
        if row is None:
            row = table(**values)
            session.add(row)
            count.created += 1
        elif _change(row, values):
            count.updated += 1
        else:
            count.unchanged += 1
        ids[key] = str(getattr(row, "id"))  # noqa: B009 - SQLModel itself declares no id
    await session.flush()
    return ids


def _key(row: SQLModel, keys: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in keys)


def _change(row: SQLModel, values: Values) -> bool:
    different = {name: new for name, new in values.items() if getattr(row, name) != new}
    for name, new in different.items():
        setattr(row, name, new)
    return bool(different)
