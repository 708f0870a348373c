"""Leg states driven by evidence: every change is an UPDATE that names the old state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.events.kinds import Event, EventKind
from scheduler.events.writing import emit
from scheduler.evidence.ledger import open_facts
from scheduler.evidence.tables import AttendanceFact, FactKind
from scheduler.kernel.database import Database
from scheduler.lessons.events import topics_of
from scheduler.lessons.states import LegEvent, LegState, LessonState, next_leg_state
from scheduler.lessons.tables import Leg, Lesson
from scheduler.lessons.timing import Timing
from scheduler.lifecycle.due import closed_leg, leg_event

MEDIA = (FactKind.RECEIVED, FactKind.SHOWN)


@dataclass(frozen=True, slots=True)
class LegChange:
    """A leg that went from one state to another."""

    lesson_id: str
    leg_id: str
    room_id: str
    before: LegState
    after: LegState


async def presence(db: Database, now: datetime, timing: Timing) -> Mapping[str, Mapping[str, bool]]:
    """Return, for each LIVE lesson, whether each leg's room has evidence of this moment."""
    async with db.read() as session:
        legs = await session.execute(
            select(col(Leg.lesson_id), col(Leg.room_id))
            .join(Lesson, col(Lesson.id) == col(Leg.lesson_id))
            .where(col(Lesson.state) == LessonState.LIVE)
        )
        found: dict[str, dict[str, bool]] = {}
        for lesson_id, room_id in legs:
            found.setdefault(lesson_id, {})[room_id] = False
        last = await _last_evidence(session, list(found))
    for (lesson_id, room_id), at in last.items():
        if room_id in found[lesson_id]:
            found[lesson_id][room_id] = now - at <= timing.leg_silent_after
    return found


async def update_legs(
    db: Database, now: datetime, present: Mapping[str, Mapping[str, bool]]
) -> tuple[LegChange, ...]:
    """Let the legs of running lessons JOIN or be LOST; `present` is lesson -> room -> bool.

    Rooms that are not named stay as they are, and so do lessons that are not LIVE. Calling it
    twice changes nothing the second time.
    """

    async def work(session: AsyncSession) -> tuple[LegChange, ...]:
        rows = await session.execute(
            select(Leg)
            .join(Lesson, col(Lesson.id) == col(Leg.lesson_id))
            .where(col(Lesson.id).in_(present), col(Lesson.state) == LessonState.LIVE)
            .order_by(col(Leg.id))
        )
        changes: list[LegChange] = []
        for leg in rows.scalars():
            here = present[leg.lesson_id].get(leg.room_id)
            event = None if here is None else leg_event(leg.state, here)
            if event is not None:
                changes += await _step(session, leg, next_leg_state(leg.state, event))
        for lesson_id in dict.fromkeys(change.lesson_id for change in changes):
            of_lesson = [change for change in changes if change.lesson_id == lesson_id]
            emit(session, _legs_event(now, lesson_id, of_lesson))
        return tuple(changes)

    return await db.transact(work) if present else ()


def _legs_event(now: datetime, lesson_id: str, changes: Sequence[LegChange]) -> Event:
    return Event(
        kind=EventKind.LESSON_LEGS,
        at=now,
        topics=topics_of(lesson_id, ()),
        object_id=lesson_id,
        before={change.leg_id: change.before.value for change in changes},
        after={change.leg_id: change.after.value for change in changes},
    )


async def prepare_leg(db: Database, now: datetime, lesson_id: str, room_id: str) -> bool:
    """Mark a leg READY (its terminal passed the check); False when it is past that or unknown."""

    async def work(session: AsyncSession) -> bool:
        mine = (col(Leg.lesson_id) == lesson_id, col(Leg.room_id) == room_id)
        leg = await session.scalar(select(Leg).where(*mine))
        if leg is None or leg.state not in (LegState.INVITED, LegState.CONFIRMED):
            return False
        changes = await _step(session, leg, next_leg_state(leg.state, LegEvent.PREPARE))
        if changes:
            emit(session, _legs_event(now, lesson_id, changes))
        return bool(changes)

    return await db.transact(work)


async def close_legs(
    session: AsyncSession, lesson_id: str, *, final: bool
) -> tuple[LegChange, ...]:
    """Close the legs of a lesson that is over.

    Evidence may still be on its way when a lesson ends, so only legs that came are closed then;
    with `final` (at archiving) the rest are ABSENT.
    """
    came = {room for _, room in await _last_evidence(session, [lesson_id])}
    rows = await session.execute(
        select(Leg).where(col(Leg.lesson_id) == lesson_id).order_by(col(Leg.id))
    )
    changes: list[LegChange] = []
    for leg in rows.scalars():
        was_here = leg.room_id in came or leg.state in (LegState.ATTENDING, LegState.LOST)
        if final or was_here:
            after = closed_leg(leg.state, was_here)
            changes += await _step(session, leg, after)
    return tuple(changes)


async def _last_evidence(
    session: AsyncSession, lesson_ids: Sequence[str]
) -> Mapping[tuple[str, str], datetime]:
    """Return the end of the last evidence of media by (lesson, room), held-back ones included.

    Those are read first, so that a flush in between hides nothing.
    """
    held = await open_facts(session, lesson_ids)
    rows = await session.execute(
        select(
            col(AttendanceFact.lesson_id),
            col(AttendanceFact.room_id),
            func.max(col(AttendanceFact.ends_at)),
        )
        .where(
            col(AttendanceFact.lesson_id).in_(lesson_ids),
            col(AttendanceFact.room_id) != "",
            col(AttendanceFact.kind).in_(MEDIA),
        )
        .group_by(col(AttendanceFact.lesson_id), col(AttendanceFact.room_id))
    )
    last = {(lesson, room): at for lesson, room, at in rows}
    for fact in held:
        if fact.room_id and fact.kind in MEDIA:
            key = fact.lesson_id, fact.room_id
            last[key] = max(fact.ends_at, last.get(key, fact.ends_at))
    return last


async def _step(session: AsyncSession, leg: Leg, after: LegState) -> list[LegChange]:
    """Write the new state unless somebody else changed the leg since it was read."""
    if after is leg.state:
        return []
    before = leg.state
    changed = await session.execute(
        update(Leg)
        .where(col(Leg.id) == leg.id, col(Leg.state) == before)
        .values(state=after)
        .returning(col(Leg.id))
        .execution_options(synchronize_session=False)
    )
    if changed.first() is None:
        return []
    return [LegChange(leg.lesson_id, leg.id, leg.room_id, before, after)]
