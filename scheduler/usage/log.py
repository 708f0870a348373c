"""The usage log: lessons that took place, with their legs, for whoever may look at them.

Pages show the intervals of a few lessons, totals and exports the figures of many; those come from
the kept figures, and from the facts wherever none are kept.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.evidence.policy import AttendancePolicy
from scheduler.kernel.database import Database
from scheduler.lessons.tables import Leg, Lesson
from scheduler.usage.figures import figures_of, kept_totals, not_kept
from scheduler.usage.lesson_usage import named_leg, names_of, usages_of
from scheduler.usage.query import hosts
from scheduler.usage.rows import (
    LegFiguresRow,
    LegUsageRow,
    UsageFilters,
    UsagePage,
    UsageTotals,
    totals,
)
from scheduler.usage.scope import Selection, may_export, selection

LESSONS_AT_ONCE = 200
"""Lessons are read so many at a time: other requests get their turn in between."""

NO_TOTALS = totals(())


async def usage_log(
    db: Database,
    actor: Actor,
    filters: UsageFilters,
    now: datetime,
    policy: AttendancePolicy,
) -> list[LegUsageRow]:
    """Return the legs the actor may see, newest lesson first, each exactly once.

    Those are the legs of the actor's schools, every leg of lessons hosted there or taught
    by the actor, and the legs the actor assists. Lessons that are to come or were cancelled have
    no usage. Every row is computed from its facts: ask for a day or a few lessons, not a term.
    """
    async with db.read() as session:
        chosen = await selection(session, actor, filters)
        if chosen is None:
            return []
        ids = await _lesson_ids(session, chosen)
        return await _with_evidence(session, chosen, ids, now, policy)


async def usage_page(
    db: Database,
    actor: Actor,
    filters: UsageFilters,
    now: datetime,
    policy: AttendancePolicy,
    page: int,
    size: int,
) -> UsagePage:
    """Return one page of `size` lessons (the last one where there is no such page)."""
    async with db.read() as session:
        chosen = await selection(session, actor, filters)
        if chosen is None:
            return UsagePage((), NO_TOTALS, 1, 1)
        added_up = await _totals(session, chosen, now, policy)
        pages = max(1, -(-added_up.lessons // size))
        shown = min(max(page, 1), pages)
        ids = await _lesson_ids(session, chosen, (shown - 1) * size, size)
        rows = await _with_evidence(session, chosen, ids, now, policy)
    return UsagePage(tuple(rows), added_up, shown, pages)


async def usage_totals(
    db: Database,
    actor: Actor,
    filters: UsageFilters,
    now: datetime,
    policy: AttendancePolicy,
) -> UsageTotals:
    """Return the totals of everything that `usage_log` would return."""
    async with db.read() as session:
        chosen = await selection(session, actor, filters)
        return NO_TOTALS if chosen is None else await _totals(session, chosen, now, policy)


async def usage_figures(
    db: Database,
    actor: Actor,
    filters: UsageFilters,
    now: datetime,
    policy: AttendancePolicy,
) -> list[LegFiguresRow]:
    """Return the rows of `usage_log`, in its order, with their figures alone."""
    rows: list[LegFiguresRow] = []
    async with db.read() as session:
        chosen = await selection(session, actor, filters)
        if chosen is None:
            return []
        ids = await _lesson_ids(session, chosen)
        for part in _parts(ids):
            rows += await _with_figures(session, chosen, part, now, policy)
    return rows


async def usage_export(
    db: Database,
    actor: Actor,
    filters: UsageFilters,
    now: datetime,
    policy: AttendancePolicy,
) -> list[LegFiguresRow]:
    """Return those rows of `usage_figures` that the actor may take out of the system."""
    rows = await usage_figures(db, actor, filters, now, policy)
    return [row for row in rows if may_export(actor, row)]


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), LESSONS_AT_ONCE):
        yield ids[at : at + LESSONS_AT_ONCE]


async def _lesson_ids(
    session: AsyncSession, chosen: Selection, skip: int = 0, limit: int | None = None
) -> list[str]:
    """Return the lessons with selected legs, newest first."""
    query = (
        chosen.of_lessons(col(Lesson.id))
        .order_by(col(Lesson.starts_at).desc(), col(Lesson.id))
        .offset(skip)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def _totals(
    session: AsyncSession, chosen: Selection, now: datetime, policy: AttendancePolicy
) -> UsageTotals:
    added_up = await kept_totals(session, chosen, policy)
    left = await not_kept(session, chosen, policy)
    for part in _parts(list(left)):
        found = await usages_of(session, await hosts(session, part), now, policy)
        legs = [leg for one in found for leg in one.legs if leg.leg_id in left[one.lesson_id]]
        added_up += totals(legs)
    return added_up


async def _with_evidence(
    session: AsyncSession,
    chosen: Selection,
    lesson_ids: Sequence[str],
    now: datetime,
    policy: AttendancePolicy,
) -> list[LegUsageRow]:
    rows: list[LegUsageRow] = []
    for part in _parts(lesson_ids):
        allowed = await _legs(session, chosen, part)
        for usage in await usages_of(session, await hosts(session, part), now, policy):
            rows += [leg for leg in usage.legs if leg.leg_id in allowed]
    return sorted(rows, key=_newest_first)


async def _with_figures(
    session: AsyncSession,
    chosen: Selection,
    lesson_ids: Sequence[str],
    now: datetime,
    policy: AttendancePolicy,
) -> list[LegFiguresRow]:
    figures = await figures_of(session, lesson_ids, policy)
    taught, names = await hosts(session, lesson_ids), await names_of(session, lesson_ids)
    allowed = await _legs(session, chosen, lesson_ids)
    missing = [host for host in taught if host.lesson_id not in figures]
    for usage in await usages_of(session, missing, now, policy):
        figures[usage.lesson_id] = {leg.leg_id or "": leg.attendance for leg in usage.legs}
    rows = [
        LegFiguresRow(**named_leg(host, leg, names), attendance=figures[host.lesson_id][leg.leg_id])
        for host in taught
        for leg in names.legs.get(host.lesson_id, ())
        if leg.leg_id in allowed
    ]
    return sorted(rows, key=_newest_first)


def _newest_first(row: LegUsageRow | LegFiguresRow) -> tuple[Any, ...]:
    return -row.starts_at.timestamp(), row.lesson_id, row.school_name


async def _legs(
    session: AsyncSession, chosen: Selection, lesson_ids: Sequence[str]
) -> frozenset[str]:
    query = chosen.of(col(Leg.id)).where(col(Leg.lesson_id).in_(lesson_ids))
    return frozenset(await session.scalars(query))
