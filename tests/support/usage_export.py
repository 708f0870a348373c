"""The usage log of one lesson as an admin exports it, beside what really happened."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.async_api import Page

from tests.support.page_browser import export
from tests.support.waiting import soon

TOLERANCE = 2.5
"""Seconds without evidence that are not called an interruption (config: gap_tolerance_seconds)."""


async def exported_legs(admin: Page, lesson: str, count: int) -> dict[str, dict[str, str]]:
    """Return a lesson's legs of the export by school, once the log holds its end."""
    rows: dict[str, dict[str, str]] = {}

    async def complete() -> bool:
        found = [row for row in await export(admin) if row["课程编号"] == lesson]
        rows.update({row["学校"]: row for row in found if row["端"] == "听讲"})
        return len(rows) == count and all(row["实际结束"] for row in rows.values())

    await soon(complete, 15, "the export holds the lesson", every=0.5)
    await asyncio.sleep(3)  # the last facts of the journal
    await complete()
    return rows


def clock_of(row: dict[str, str], column: str, zone: ZoneInfo) -> datetime:
    """Return a time of the export as a moment."""
    local = datetime.strptime(f"{row['日期']} {row[column]}", "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    return local.replace(tzinfo=zone)
