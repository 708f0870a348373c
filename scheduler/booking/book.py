"""Booking a lesson: one transaction writes the lesson, its legs and every claim, or nothing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.booking import claims
from scheduler.booking.alternatives import alternatives
from scheduler.booking.checks.facts import Facts, gather, room_ids
from scheduler.booking.checks.permission import require_booker, require_booking
from scheduler.booking.checks.validation import problems, tidy, time_problems
from scheduler.booking.checks.warnings import warnings
from scheduler.booking.commands import BookLesson
from scheduler.booking.conflicts import Clash, wishes
from scheduler.booking.errors import (
    Alternative,
    BookingConflict,
    BookingProblem,
    BookingRefused,
    Conflict,
)
from scheduler.booking.results import Booked, Preview, SkippedLeg
from scheduler.booking.search import conflicts_of, find_clashes, prepare_search
from scheduler.booking.tables import IdempotencyKey
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.sentences import N_, say
from scheduler.kernel.text import is_plain
from scheduler.lessons.events import lesson_event
from scheduler.lessons.states import LegState, LessonEvent, LessonState, next_lesson_state
from scheduler.lessons.tables import Leg, Lesson

LOST_RACES = 6
"""A booking that the database refused is tried again: the rules then see what came first. More
than this many winners that each vanish before we look again is not a race but a fault."""


async def book(db: Database, now: datetime, actor: Actor, command: BookLesson) -> Booked:
    """Book the lesson; return what was made.

    Raises BookingRefused (the command is wrong), BookingConflict (something is taken; with
    alternatives), Forbidden. The same key with the same content returns the first booking.
    """
    require_booker(actor)
    command = tidy(command)
    for attempt in range(LOST_RACES):
        try:
            return await db.transact(lambda session: _book(session, now, actor, command))
        except BookingConflict as conflict:
            async with db.read() as session:
                earlier = await _earlier(session, actor, command)
                if earlier is not None:  # the same click, committed after we looked for its key
                    return earlier
                search = await prepare_search(session, now, command)
            raise BookingConflict(conflict.conflicts, alternatives(search)) from None
        except IntegrityError:
            if attempt == LOST_RACES - 1:
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")


async def check(db: Database, now: datetime, actor: Actor, command: BookLesson) -> list[Conflict]:
    """Return what is in the way, without booking. Raises BookingRefused, Forbidden."""
    found = await preview(db, now, actor, command)
    if found.problems:
        raise BookingRefused(found.problems)
    return list(found.conflicts)


async def preview(db: Database, now: datetime, actor: Actor, command: BookLesson) -> Preview:
    """Return everything a form can show before saving. Raises Forbidden."""
    require_booker(actor)
    command = tidy(command)
    async with db.read() as session:
        facts, wrong = await _examine(session, now, command)
        if wrong:
            return Preview(wrong, (), (), ())
        require_booking(actor, command, facts)
        clashes = await find_clashes(session, command)
        conflicts = await conflicts_of(session, clashes)
        offers: tuple[Alternative, ...] = ()
        if conflicts:
            offers = alternatives(await prepare_search(session, now, command))
    return Preview((), warnings(command, facts), conflicts, offers)


async def _examine(
    session: AsyncSession, now: datetime, command: BookLesson
) -> tuple[Facts, tuple[BookingProblem, ...]]:
    """Return the facts and every problem; a time out of all bounds is never taken to a calendar."""
    late = any(time_problems(command.starts_at, command.ends_at, now))
    asked = replace(command, starts_at=now, ends_at=now) if late else command
    facts = await gather(session, asked)
    return facts, problems(command, facts, now)


async def _book(session: AsyncSession, now: datetime, actor: Actor, command: BookLesson) -> Booked:
    earlier = await _earlier(session, actor, command)
    if earlier is not None:
        return earlier
    facts, wrong = await _examine(session, now, command)
    if wrong:
        raise BookingRefused(wrong)
    require_booking(actor, command, facts)
    granted, skipped = await _grant(session, command)
    lesson = await _write(session, now, actor, command, granted, facts)
    after = {
        "starts_at": lesson.starts_at.isoformat(),
        "legs": len(granted.legs),
        "skipped": len(skipped),
    }
    rooms, kind = room_ids(granted), EventKind.LESSON_BOOK
    emit(session, lesson_event(kind, now, actor.account_id, lesson, rooms, after=after))
    return Booked(lesson.id, lesson.version, rooms, skipped, False, warnings(granted, facts))


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
    return Booked(
        lesson.id,
        lesson.version,
        (lesson.host_room_id, *(leg.room_id for leg in command.legs if leg.room_id in rooms)),
        tuple(SkippedLeg(leg, ()) for leg in command.legs if leg.room_id not in rooms),
        repeated=True,
    )


async def _grant(
    session: AsyncSession, command: BookLesson
) -> tuple[BookLesson, tuple[SkippedLeg, ...]]:
    """Return what can be booked, and the legs left out; raise BookingConflict."""
    found = await find_clashes(session, command)
    if not found:
        return command, ()
    taken = {clash.wish.leg for clash in found}
    if not command.only_free or None in taken or len(taken) == len(command.legs):
        raise BookingConflict(await conflicts_of(session, found))
    skipped = [
        SkippedLeg(leg, await conflicts_of(session, _of_leg(found, number)))
        for number, leg in enumerate(command.legs)
        if number in taken
    ]
    legs = tuple(leg for number, leg in enumerate(command.legs) if number not in taken)
    return replace(command, legs=legs), tuple(skipped)


def _of_leg(found: Iterable[Clash], number: int) -> tuple[Clash, ...]:
    return tuple(clash for clash in found if clash.wish.leg == number)


async def _write(
    session: AsyncSession,
    now: datetime,
    actor: Actor,
    asked: BookLesson,
    granted: BookLesson,
    facts: Facts,
) -> Lesson:
    """Write lesson, key, legs, claims, in this order: an equal key is met before any claim."""
    lesson = Lesson(
        county_id=facts.county.id,
        community_id=granted.community_id,
        title=granted.title,
        subject=granted.subject,
        mode=granted.mode,
        kind=granted.kind,
        state=next_lesson_state(LessonState.DRAFT, LessonEvent.BOOK),
        host_room_id=granted.host_room_id,
        host_teacher_id=granted.host_teacher_id,
        host_class_id=granted.host_class_id,
        starts_at=granted.starts_at,
        ends_at=granted.ends_at,
        created_by=actor.account_id,
        created_at=now,
    )
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
    await session.flush()
    legs = _legs(lesson, granted, facts)
    session.add_all(legs)
    await session.flush()
    wanted = [(w.resource, None if w.leg is None else legs[w.leg].id) for w in wishes(granted)]
    await claims.take(session, lesson.id, wanted, granted.starts_at, granted.ends_at)
    return lesson


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
