"""The kept figures of lessons that are over: found by policy, added up by the database."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.evidence.attendance import AttendanceStatus, Figures
from scheduler.evidence.policy import AttendancePolicy
from scheduler.evidence.tables import LegFigures, LessonFigures
from scheduler.lessons.tables import Leg, Lesson
from scheduler.usage.rows import UsageTotals
from scheduler.usage.scope import Selection

RULES = 1
"""Grows whenever `compute.attend` reads the same facts differently: kept figures are void then."""


def fingerprint(policy: AttendancePolicy) -> str:
    """Return what figures are kept under. Pure."""
    return hashlib.sha256(f"{RULES} {policy!r}".encode()).hexdigest()


def kept(policy: AttendancePolicy) -> ColumnElement[bool]:
    """Return the condition that joins a lesson to its valid figures."""
    return (col(LessonFigures.lesson_id) == col(Lesson.id)) & (
        col(LessonFigures.policy) == fingerprint(policy)
    )


async def figures_of(
    session: AsyncSession, lesson_ids: Sequence[str], policy: AttendancePolicy
) -> dict[str, dict[str, Figures]]:
    """Return lesson -> leg -> figures for those of the lessons whose figures are kept."""
    query: Any = (
        select(
            col(Lesson.id),
            col(LegFigures.leg_id),
            col(LegFigures.status),
            col(LegFigures.joined_at),
            col(LegFigures.left_at),
            col(LegFigures.minutes_received),
            col(LegFigures.minutes_shown),
            col(LegFigures.minutes_heard),
            col(LegFigures.late_seconds),
            col(LegFigures.early_seconds),
            col(LegFigures.interruptions),
            col(LegFigures.lost_seconds),
        )
        .join(LessonFigures, kept(policy))
        .join(LegFigures, col(LegFigures.lesson_id) == col(Lesson.id))
        .where(col(Lesson.id).in_(lesson_ids))
    )
    found: dict[str, dict[str, Figures]] = {}
    for lesson_id, leg_id, status, *rest in await session.execute(query):
        found.setdefault(lesson_id, {})[leg_id] = Figures(AttendanceStatus(status), *rest)
    return found


async def kept_totals(
    session: AsyncSession, chosen: Selection, policy: AttendancePolicy
) -> UsageTotals:
    """Return the totals of the selected legs whose figures are kept."""
    query = (
        chosen.of(
            func.count(col(Lesson.id).distinct()),
            func.count(col(Leg.id)),
            _number_of(col(LegFigures.joined_at).is_not(None)),
            _number_of(col(LegFigures.late_seconds) > 0),
            _number_of(col(LegFigures.status) == AttendanceStatus.ABSENT.value),
            func.coalesce(func.sum(col(LegFigures.interruptions)), 0),
            func.coalesce(func.sum(col(LegFigures.minutes_received)), 0.0),
            func.coalesce(func.sum(col(LegFigures.minutes_shown)), 0.0),
        )
        .join(LessonFigures, kept(policy))
        .join(LegFigures, col(LegFigures.leg_id) == col(Leg.id))
    )
    lessons, legs, attended, late, absent, interruptions, received, shown = (
        await session.execute(query)
    ).one()
    return UsageTotals(
        lessons, legs, attended, late, absent, interruptions, round(received, 1), round(shown, 1)
    )


async def not_kept(
    session: AsyncSession, chosen: Selection, policy: AttendancePolicy
) -> dict[str, set[str]]:
    """Return lesson -> selected legs where the figures have to be computed.

    As a rule those are the few lessons of this hour: they are found without their legs.
    """
    lessons = (
        select(col(Lesson.id))
        .outerjoin(LessonFigures, kept(policy))
        .where(*chosen.lessons, col(LessonFigures.lesson_id).is_(None))
    )
    query = chosen.of(col(Lesson.id), col(Leg.id)).where(col(Lesson.id).in_(lessons))
    found: dict[str, set[str]] = {}
    for lesson_id, leg_id in await session.execute(query):
        found.setdefault(lesson_id, set()).add(leg_id)
    return found


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
