"""Keeping the figures of lessons that are over, so that lists need not read their facts again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.evidence.ledger import held_lessons
from scheduler.evidence.policy import AttendancePolicy
from scheduler.evidence.tables import LegFigures, LessonFigures
from scheduler.kernel.database import Database
from scheduler.kernel.locks import hold
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson
from scheduler.usage.figures import fingerprint, kept
from scheduler.usage.lesson_usage import usages_of
from scheduler.usage.query import hosts
from scheduler.usage.rows import LegUsageRow, LessonUsage

AT_ONCE = 20
"""Lessons in one transaction: a writer waits some 50 ms for it at the most."""


async def settle(db: Database, now: datetime, policy: AttendancePolicy) -> int:
    """Keep the figures of up to AT_ONCE archived lessons that have none, the newest first.

    Return how many there were: call it again until that is 0. A lesson of whose evidence a
    journal's reader still holds a part waits for its turn. Any number of processes may call it.
    """
    async with db.read() as session:
        ids = await _without(session, policy)

    async def work(session: AsyncSession) -> int:
        # the locks of ledger.append: no fact comes in between reading and keeping
        await hold(session, *(f"facts:{lesson_id}" for lesson_id in ids))
        found = await usages_of(session, await hosts(session, ids), now, policy)
        await _keep(session, found, policy)
        return len(found)

    return await db.transact(work) if ids else 0


async def _without(session: AsyncSession, policy: AttendancePolicy) -> Sequence[str]:
    held = await held_lessons(session)
    query = (
        select(col(Lesson.id))
        .outerjoin(LessonFigures, kept(policy))
        .where(
            col(Lesson.state) == LessonState.ARCHIVED,
            col(LessonFigures.lesson_id).is_(None),
            col(Lesson.id).not_in(held),
        )
        .order_by(col(Lesson.starts_at).desc())
        .limit(AT_ONCE)
    )
    return (await session.scalars(query)).all()


async def _keep(
    session: AsyncSession, found: Sequence[LessonUsage], policy: AttendancePolicy
) -> None:
    ids = [usage.lesson_id for usage in found]
    for table in (LegFigures, LessonFigures):
        await session.execute(delete(table).where(col(table.lesson_id).in_(ids)))
    legs = [_figures(leg) for usage in found for leg in usage.legs]
    if legs:
        await session.execute(insert(LegFigures), legs)
    lessons = [{"lesson_id": one, "policy": fingerprint(policy)} for one in ids]
    if lessons:
        await session.execute(insert(LessonFigures), lessons)


def _figures(leg: LegUsageRow) -> dict[str, Any]:
    seen = leg.attendance
    return {
        "leg_id": leg.leg_id,
        "lesson_id": leg.lesson_id,
        "status": seen.status.value,
        "joined_at": seen.joined_at,
        "left_at": seen.left_at,
        "minutes_received": seen.minutes_received,
        "minutes_shown": seen.minutes_shown,
        "minutes_heard": seen.minutes_heard,
        "late_seconds": seen.late_seconds,
        "early_seconds": seen.early_seconds,
        "interruptions": seen.interruptions,
        "lost_seconds": seen.lost_seconds,
    }
