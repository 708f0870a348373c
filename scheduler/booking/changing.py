"""What moving and cancelling have in common: the step of the state, the guarded write."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.booking.errors import BookingProblem, BookingRefused
from scheduler.kernel.errors import Stale
from scheduler.kernel.sentences import N_, say
from scheduler.kernel.transitions import IllegalTransition
from scheduler.lessons.states import LessonEvent, LessonState, next_lesson_state
from scheduler.lessons.tables import Lesson


def state_after(state: LessonState, event: LessonEvent) -> LessonState:
    """Return the next state; raise BookingRefused once the lesson has begun or is over."""
    try:
        return next_lesson_state(state, event)
    except IllegalTransition:
        sentence = say(N_("这节课已经开始或结束，不能再修改。"))
        raise BookingRefused((BookingProblem("WRONG_STATE", "state", sentence),)) from None


async def change_lesson(session: AsyncSession, lesson: Lesson, **values: object) -> int:
    """Write the new values if the row is still the one that was read; return the new version.

    Raises Stale.
    """
    changed = await session.execute(
        update(Lesson)
        .where(
            col(Lesson.id) == lesson.id,
            col(Lesson.version) == lesson.version,
            col(Lesson.state) == lesson.state,
        )
        .values(version=lesson.version + 1, **values)
        .returning(col(Lesson.version))
        .execution_options(synchronize_session=False)
    )
    version = changed.scalar()
    if version is None:
        raise Stale
    return version
