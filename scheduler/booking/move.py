"""Moving and cancelling a lesson: claims change with it, in one transaction."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.booking import claims
from scheduler.booking.alternatives import other_times
from scheduler.booking.book import LOST_RACES
from scheduler.booking.checks.facts import gather, room_ids
from scheduler.booking.checks.validation import time_problems
from scheduler.booking.checks.warnings import warnings
from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.booking.errors import BookingConflict, BookingProblem, BookingRefused, Stale
from scheduler.booking.results import Changed
from scheduler.booking.search import conflicts_of, find_clashes, prepare_search
from scheduler.booking.tables import Claim
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.sentences import N_, say
from scheduler.kernel.text import is_plain
from scheduler.kernel.transitions import IllegalTransition
from scheduler.lessons.events import lesson_event
from scheduler.lessons.rows import locked_lesson
from scheduler.lessons.rules import require_change
from scheduler.lessons.states import LessonEvent, LessonState, next_lesson_state
from scheduler.lessons.tables import Leg, Lesson
from scheduler.placement.placing import unplace

REASON_LENGTH = 500


async def move(
    db: Database,
    now: datetime,
    actor: Actor,
    lesson_id: str,
    starts_at: datetime,
    ends_at: datetime,
    version: int,
) -> Changed:
    """Move a lesson that has not begun; its claims move with it or nothing changes.

    Raises NotFound, Forbidden, Stale (`version` is not the current one), BookingRefused,
    BookingConflict (with other times as alternatives).
    """
    wrong = tuple(time_problems(starts_at, ends_at, now))
    if wrong:
        raise BookingRefused(wrong)

    async def work(session: AsyncSession) -> Changed:
        return await _move(session, now, actor, lesson_id, starts_at, ends_at, version)

    for attempt in range(LOST_RACES):
        try:
            return await db.transact(work)
        except BookingConflict as conflict:
            raise await _with_times(db, now, lesson_id, starts_at, ends_at, conflict) from None
        except IntegrityError:
            if attempt == LOST_RACES - 1:
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")


async def _move(
    session: AsyncSession,
    now: datetime,
    actor: Actor,
    lesson_id: str,
    starts_at: datetime,
    ends_at: datetime,
    version: int,
) -> Changed:
    lesson, ownership = await locked_lesson(session, lesson_id)
    require_change(actor, ownership)
    if lesson.version != version:
        raise Stale
    command = await as_command(session, lesson, starts_at, ends_at)
    state = _next(lesson.state, LessonEvent.MOVE)
    rooms, kind = room_ids(command), EventKind.LESSON_MOVE
    before = _as_json(lesson.state, lesson.starts_at, lesson.ends_at)
    after = _as_json(state, starts_at, ends_at)
    moved = lesson_event(kind, now, actor.account_id, lesson, rooms, before=before, after=after)
    await _change(session, lesson, state=state, starts_at=starts_at, ends_at=ends_at)
    found = await find_clashes(session, command, without_lesson=lesson_id)
    if found:
        raise BookingConflict(await conflicts_of(session, found))
    await _reclaim(session, lesson_id, starts_at, ends_at)
    await unplace(session, lesson_id)
    emit(session, moved)
    facts = await gather(session, command)
    return Changed(lesson_id, version + 1, rooms, warnings(command, facts))


def _as_json(state: LessonState, starts_at: datetime, ends_at: datetime) -> dict[str, object]:
    return {
        "state": state.value,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
    }


async def _reclaim(
    session: AsyncSession, lesson_id: str, starts_at: datetime, ends_at: datetime
) -> None:
    """Give up every claim of the lesson and take the same resources at the new time."""
    query = select(col(Claim.resource), col(Claim.leg_id)).where(col(Claim.lesson_id) == lesson_id)
    held = [(resource, leg_id) for resource, leg_id in await session.execute(query)]
    await session.execute(delete(Claim).where(col(Claim.lesson_id) == lesson_id))
    await claims.take(session, lesson_id, held, starts_at, ends_at)


async def cancel(db: Database, now: datetime, actor: Actor, lesson_id: str, reason: str) -> Changed:
    """Cancel a lesson that has not begun: its claims go, the reason stays.

    Raises NotFound, Forbidden, Stale, BookingRefused (no reason, or it has begun).
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > REASON_LENGTH or not is_plain(reason):
        sentence = say(N_("请写明取消原因（最多 %(count)d 个字）。"), count=REASON_LENGTH)
        raise BookingRefused((BookingProblem("NO_REASON", "reason", sentence),))

    async def work(session: AsyncSession) -> Changed:
        lesson, ownership = await locked_lesson(session, lesson_id)
        require_change(actor, ownership)
        state = _next(lesson.state, LessonEvent.CANCEL)
        command = await as_command(session, lesson, lesson.starts_at, lesson.ends_at)
        await _change(session, lesson, state=state, cancel_reason=reason)
        await session.execute(delete(Claim).where(col(Claim.lesson_id) == lesson_id))
        rooms, kind = room_ids(command), EventKind.LESSON_CANCEL
        before = _as_json(lesson.state, lesson.starts_at, lesson.ends_at)
        after = {**before, "state": state.value, "reason": reason}
        event = lesson_event(kind, now, actor.account_id, lesson, rooms, before=before, after=after)
        emit(session, event)
        return Changed(lesson_id, lesson.version + 1, rooms)

    return await db.transact(work)


async def as_command(
    session: AsyncSession, lesson: Lesson, starts_at: datetime, ends_at: datetime
) -> BookLesson:
    """Return the booking that would make this lesson at another time."""
    query = select(Leg).where(col(Leg.lesson_id) == lesson.id).order_by(col(Leg.id))
    legs = (await session.execute(query)).scalars()
    return BookLesson(
        title=lesson.title,
        subject=lesson.subject,
        mode=lesson.mode,
        kind=lesson.kind,
        community_id=lesson.community_id,
        host_room_id=lesson.host_room_id,
        host_teacher_id=lesson.host_teacher_id,
        host_class_id=lesson.host_class_id,
        starts_at=starts_at,
        ends_at=ends_at,
        legs=tuple(LegRequest(leg.room_id, leg.class_id, leg.assistant_id) for leg in legs),
        idempotency_key=lesson.id,
    )


def _next(state: LessonState, event: LessonEvent) -> LessonState:
    try:
        return next_lesson_state(state, event)
    except IllegalTransition:
        sentence = say(N_("这节课已经开始或结束，不能再修改。"))
        raise BookingRefused((BookingProblem("WRONG_STATE", "state", sentence),)) from None


async def _change(session: AsyncSession, lesson: Lesson, **values: object) -> None:
    """Write the new values if the row is still the one that was read; raise Stale."""
    changed = await session.execute(
        update(Lesson)
        .where(
            col(Lesson.id) == lesson.id,
            col(Lesson.version) == lesson.version,
            col(Lesson.state) == lesson.state,
        )
        .values(version=lesson.version + 1, **values)
        .returning(col(Lesson.id))
        .execution_options(synchronize_session=False)
    )
    if changed.scalar() is None:
        raise Stale


async def _with_times(
    db: Database,
    now: datetime,
    lesson_id: str,
    starts_at: datetime,
    ends_at: datetime,
    conflict: BookingConflict,
) -> BookingConflict:
    async with db.read() as session:
        lesson = await session.get_one(Lesson, lesson_id)
        command = await as_command(session, lesson, starts_at, ends_at)
        search = await prepare_search(session, now, command, without_lesson=lesson_id)
    return BookingConflict(conflict.conflicts, other_times(search))
