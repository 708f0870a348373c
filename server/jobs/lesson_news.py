"""What follows from a change of a lesson: rooms are told, and a stage that is over is closed."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from scheduler.kernel.clock import Clock
from scheduler.kernel.database import Database
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Leg, Lesson
from scheduler.lifecycle.reconcile import Transition
from server.process.log import bound
from server.relays.orders import NodeDesk
from web.kit.live import LiveHub

LOG = logging.getLogger(__name__)

CLOSED_FOR = timedelta(hours=24)
"""A stage stays closed this long after its lesson's end: no ticket of it lives longer, not even
one from before the lesson was moved to an earlier hour of the day."""

REASONS = {
    LessonState.ENDED: "ended",
    LessonState.ARCHIVED: "ended",  # the end itself may have passed while we were down
    LessonState.CANCELLED: "cancelled",
    LessonState.MISSED: "missed",
}
"""The states in which a stage has to be closed, and what the terminals are told."""


class LessonNews:
    """Tells pages, rooms and relay nodes that a lesson changed. Called after the commit."""

    def __init__(self, db: Database, clock: Clock, hub: LiveHub, desk: NodeDesk) -> None:
        self._db, self._clock, self._hub, self._desk = db, clock, hub, desk

    async def moved_on(self, transitions: Sequence[Transition]) -> None:
        """Spread what the clock did."""
        for transition in transitions:
            with bound(lesson=transition.lesson_id):
                LOG.info("the lesson is %s", transition.state)
        for lesson_id in dict.fromkeys(transition.lesson_id for transition in transitions):
            await self.spread(lesson_id, ())

    async def spread(self, lesson_id: str, room_ids: Iterable[str]) -> None:
        """Tell everybody concerned; `room_ids` are rooms that the lesson may no longer have."""
        async with self._db.read() as session:
            lesson = await session.get(Lesson, lesson_id)
            if lesson is None:
                return
            of_lesson = select(col(Leg.room_id)).where(col(Leg.lesson_id) == lesson_id)
            legs = (await session.scalars(of_lesson)).all()
        rooms = {lesson.host_room_id, *legs, *room_ids}
        self._hub.publish(f"lesson:{lesson_id}")
        for room_id in sorted(rooms):
            self._hub.publish(f"room:{room_id}")
        if reason := REASONS.get(lesson.state):
            await self._desk.close_stage(lesson_id, reason, self._closed_until(lesson))

    def _closed_until(self, lesson: Lesson) -> datetime:
        return max(lesson.ends_at, self._clock()) + CLOSED_FOR
