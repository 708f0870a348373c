"""Lessons are given their relay nodes, once, and keep them (scheduler.placement.ranking)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Row, Select, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.kernel.database import Database
from scheduler.kernel.locks import hold
from scheduler.lessons.predicates import HOLDING
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Leg, Lesson
from scheduler.lessons.timing import Timing
from scheduler.placement.ranking import Demand, NodeVitals, may_move, place
from scheduler.placement.tables import Node, Placement

LONGEST = timedelta(days=1)
"""A lesson lasts a day at most (the claims' rule): the index needs to look back no further."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    demand: Demand
    state: LessonState


async def placed_lessons(
    db: Database,
    now: datetime,
    timing: Timing,
    nodes: Sequence[NodeVitals],
    lesson_ids: Collection[str],
) -> dict[str, str]:
    """Return lesson -> node for those of the lessons that can still take place.

    What has no node yet, or one that is gone or drains while nobody went there, is placed now.
    """
    async with db.read() as session:
        known = await _candidates(session, lesson_ids)
        drained = await draining(session)
    able = [replace(node, draining=node.draining or node.id in drained) for node in nodes]
    if all(not _homeless(one, able, now, timing) for one in known):
        return {one.demand.lesson_id: one.demand.node_id for one in known}

    async def work(session: AsyncSession) -> dict[str, str]:
        await hold(session, "placement")
        return {
            one.demand.lesson_id: await _settle(session, one, able, now, timing)
            for one in await _candidates(session, lesson_ids)
        }

    return await db.transact(work)


def _homeless(one: _Candidate, nodes: Sequence[NodeVitals], now: datetime, timing: Timing) -> bool:
    """Whether a lesson needs a node, or a better one that there is."""
    mine = next((node for node in nodes if node.id == one.demand.node_id), None)
    if mine is None:
        return bool(nodes)
    movable = may_move(one.state, one.demand.starts_at - timing.lobby_before, now)
    return movable and not mine.usable and any(node.usable for node in nodes)


async def _settle(
    session: AsyncSession,
    one: _Candidate,
    nodes: Sequence[NodeVitals],
    now: datetime,
    timing: Timing,
) -> str:
    if not _homeless(one, nodes, now, timing):
        return one.demand.node_id
    others = await _neighbours(session, one.demand, now)
    node_id = place(one.demand, nodes, others, now) or ""
    row = await session.get(Placement, one.demand.lesson_id)
    row = row or Placement(lesson_id=one.demand.lesson_id, node_id=node_id, placed_at=now)
    row.node_id, row.placed_at = node_id, now
    session.add(row)
    await session.flush()  # the next lesson counts this one
    return node_id


async def _candidates(session: AsyncSession, lesson_ids: Collection[str]) -> list[_Candidate]:
    """Return those of the lessons that can still take place, the next one first."""
    query = _demands().where(col(Lesson.id).in_(lesson_ids))
    return [
        _Candidate(_demand(row), row.state)
        for row in await session.execute(query.order_by(col(Lesson.starts_at), col(Lesson.id)))
    ]


async def _neighbours(session: AsyncSession, lesson: Demand, now: datetime) -> list[Demand]:
    """Return the placed lessons that overlap this one, and those that run now."""
    query = _demands().where(
        col(Lesson.id) != lesson.lesson_id,
        col(Placement.node_id).is_not(None),
        or_(
            (col(Lesson.starts_at) < lesson.ends_at)
            & (col(Lesson.starts_at) > lesson.starts_at - LONGEST)
            & (col(Lesson.ends_at) > lesson.starts_at),
            (col(Lesson.starts_at) <= now)
            & (col(Lesson.starts_at) > now - LONGEST)
            & (col(Lesson.ends_at) > now),
        ),
    )
    return [_demand(row) for row in await session.execute(query)]


_DemandRow = Row[str, datetime, datetime, LessonState, int, str | None]


def _demands() -> Select[str, datetime, datetime, LessonState, int, str | None]:
    legs = (
        select(func.count(col(Leg.id)))
        .where(col(Leg.lesson_id) == col(Lesson.id))
        .correlate(Lesson)
        .scalar_subquery()
    )
    return (
        select(
            col(Lesson.id),
            col(Lesson.starts_at),
            col(Lesson.ends_at),
            col(Lesson.state).label("state"),
            legs,
            col(Placement.node_id),
        )
        .outerjoin(Placement, col(Placement.lesson_id) == col(Lesson.id))
        .where(col(Lesson.state).in_(HOLDING))
    )


def _demand(row: _DemandRow) -> Demand:
    lesson_id, starts_at, ends_at, _state, legs, node_id = row
    return Demand(lesson_id, starts_at, ends_at, legs + 1, node_id or "")


async def unplace(session: AsyncSession, lesson_id: str) -> None:
    """Forget the node of a lesson whose time changed: who is busy then is another question."""
    await session.execute(delete(Placement).where(col(Placement.lesson_id) == lesson_id))


async def draining(session: AsyncSession) -> frozenset[str]:
    """Return the nodes that take no new lessons."""
    found = await session.scalars(select(col(Node.id)).where(col(Node.draining)))
    return frozenset(found)


async def set_draining(db: Database, node_id: str, is_draining: bool) -> None:
    """Let a node take no new lessons, or take them again."""

    async def work(session: AsyncSession) -> None:
        row = await session.get(Node, node_id) or Node(id=node_id)
        row.draining = is_draining
        session.add(row)

    await db.transact(work)


async def homes(session: AsyncSession, lesson_ids: Collection[str]) -> Mapping[str, str]:
    """Return lesson -> node as it was placed, over or not."""
    rows = await session.scalars(select(Placement).where(col(Placement.lesson_id).in_(lesson_ids)))
    return {row.lesson_id: row.node_id for row in rows}


async def lessons_to_come(session: AsyncSession, now: datetime) -> Mapping[str, int]:
    """Return node -> how many lessons placed on it run or are still to come."""
    query = (
        select(col(Placement.node_id), func.count())
        .join(Lesson, col(Lesson.id) == col(Placement.lesson_id))
        .where(col(Lesson.state).in_(HOLDING), col(Lesson.ends_at) > now)
        .group_by(col(Placement.node_id))
    )
    return {node_id: count for node_id, count in await session.execute(query)}  # noqa: C416
