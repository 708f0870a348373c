"""Booking a lesson: one transaction writes the lesson, its legs and every claim, or nothing."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.booking import claims
from scheduler.booking.alternatives import alternatives
from scheduler.booking.checks.facts import Facts
from scheduler.booking.checks.permission import require_booker, require_booking
from scheduler.booking.checks.validation import tidy
from scheduler.booking.checks.warnings import warnings
from scheduler.booking.commands import BookLesson
from scheduler.booking.conflicts import wanted_claims
from scheduler.booking.errors import BookingConflict, BookingProblem, BookingRefused
from scheduler.booking.preview import examine
from scheduler.booking.results import Booked, SkippedLeg
from scheduler.booking.search import search_if_taken
from scheduler.booking.tables import IdempotencyKey
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.races import losing_a_race
from scheduler.kernel.sentences import N_, say
from scheduler.kernel.text import is_plain
from scheduler.lessons.events import lesson_event
from scheduler.lessons.states import LegState, LessonEvent, LessonState, next_lesson_state
from scheduler.lessons.tables import Leg, Lesson


async def book(db: Database, now: datetime, actor: Actor, command: BookLesson) -> Booked:
    """Book the lesson; return what was made.

    Raises BookingRefused (the command is wrong), BookingConflict (something is taken; with
    alternatives), Forbidden. The same key with the same content returns the first booking.
    """
    require_booker(actor)
    command = tidy(command)

    async def work(session: AsyncSession) -> Booked:
        earlier = await _earlier(session, actor, command)
        return earlier or await _book(session, now, actor, command)

    return await db.transact(work)


async def _book(session: AsyncSession, now: datetime, actor: Actor, command: BookLesson) -> Booked:
    facts, wrong = await examine(session, now, command)
    if wrong:
        raise BookingRefused(wrong)
    require_booking(actor, command, facts)
    try:
        free, skipped = await _free_part(session, now, command, facts)
    except BookingConflict:
        earlier = await _earlier(session, actor, command)
        if earlier is None:
            raise
        return earlier  # the same click, committed after we looked for its key
    lesson = await _write(session, now, actor, command, free, facts)
    after = {
        "starts_at": lesson.starts_at.isoformat(),
        "legs": len(free.legs),
        "skipped": len(skipped),
    }
    kind = EventKind.LESSON_BOOK
    emit(session, lesson_event(kind, now, actor.account_id, lesson, free.room_ids, after=after))
    return Booked(lesson.id, lesson.version, skipped, False, warnings(free, facts))


async def _earlier(session: AsyncSession, actor: Actor, command: BookLesson) -> Booked | None:
    """Return the booking that this key made before; refuse the key for other content."""
    if not is_plain(command.idempotency_key):
        return None
    query = select(IdempotencyKey).where(
        col(IdempotencyKey.account_id) == actor.account_id,
        col(IdempotencyKey.key) == command.idempotency_key,
    )
    used = (await session.execute(query)).scalar()
    if used is None:
        return None
    if used.digest != command.digest():
        sentence = say(N_("这次提交与之前的内容不同，请重新打开页面再提交。"))
        raise BookingRefused((BookingProblem("KEY_REUSED", "idempotency_key", sentence),))
    lesson = await session.get_one(Lesson, used.lesson_id)
    legs = await session.execute(select(col(Leg.room_id)).where(col(Leg.lesson_id) == lesson.id))
    rooms = frozenset(legs.scalars())
    skipped = tuple(SkippedLeg(leg, ()) for leg in command.legs if leg.room_id not in rooms)
    return Booked(lesson.id, lesson.version, skipped, repeated=True)


async def _free_part(
    session: AsyncSession, now: datetime, command: BookLesson, facts: Facts
) -> tuple[BookLesson, tuple[SkippedLeg, ...]]:
    """Return what can be booked, and the legs left out; raise BookingConflict."""
    search = await search_if_taken(session, now, command, facts)
    if search is None:
        return command, ()
    taken = search.taken_legs
    if not command.only_free or None in taken or len(taken) == len(command.legs):
        raise BookingConflict(search.conflicts(), alternatives(search))
    legs = tuple(leg for number, leg in enumerate(command.legs) if number not in taken)
    skipped = tuple(
        SkippedLeg(leg, search.conflicts_of_leg(number))
        for number, leg in enumerate(command.legs)
        if number in taken
    )
    return replace(command, legs=legs), skipped


async def _write(
    session: AsyncSession,
    now: datetime,
    actor: Actor,
    asked: BookLesson,
    free: BookLesson,
    facts: Facts,
) -> Lesson:
    """Write lesson, key, legs, claims, in this order: an equal key is met before any claim."""
    lesson = _lesson(now, actor, free, facts)
    session.add(lesson)
    await session.flush()
    key = IdempotencyKey(
        account_id=actor.account_id,
        key=asked.idempotency_key,
        digest=asked.digest(),
        lesson_id=lesson.id,
        created_at=now,
    )
    session.add(key)
    with losing_a_race():
        await session.flush()
    legs = _legs(lesson, free, facts)
    session.add_all(legs)
    await session.flush()
    wanted = [
        (one.resource, None if one.leg is None else legs[one.leg].id) for one in wanted_claims(free)
    ]
    await claims.take(session, lesson.id, wanted, free.starts_at, free.ends_at)
    return lesson


def _lesson(now: datetime, actor: Actor, command: BookLesson, facts: Facts) -> Lesson:
    return Lesson(
        county_id=facts.county.id,
        community_id=command.community_id,
        title=command.title,
        subject=command.subject,
        mode=command.mode,
        kind=command.kind,
        state=next_lesson_state(LessonState.DRAFT, LessonEvent.BOOK),
        host_room_id=command.host_room_id,
        host_teacher_id=command.host_teacher_id,
        host_class_id=command.host_class_id,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        created_by=actor.account_id,
        created_at=now,
    )


def _legs(lesson: Lesson, command: BookLesson, facts: Facts) -> list[Leg]:
    return [
        Leg(
            lesson_id=lesson.id,
            school_id=facts.rooms[leg.room_id].school_id,
            room_id=leg.room_id,
            class_id=leg.class_id,
            assistant_id=leg.assistant_id,
            state=LegState.INVITED,
        )
        for leg in command.legs
    ]
