"""What a person may do with one lesson. The scheduler asks again when it is done. Pure."""

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.lessons.shapes import LessonView
from scheduler.lessons.states import LessonState

OPEN_STATES = frozenset({LessonState.BOOKED, LessonState.LOBBY})
"""A lesson in one of these can be moved and cancelled."""


def may_view(actor: Actor, lesson: LessonView) -> bool:
    """Tell whether the lesson is the actor's own or touches a school whose lessons they see."""
    helpers = {leg.assistant.id for leg in lesson.legs if leg.assistant}
    if actor.person_id == lesson.host_teacher.id or actor.person_id in helpers:
        return True
    return any(actor.may(Action.LESSON_VIEW, school) for school in lesson.school_ids)


def may_change(actor: Actor, lesson: LessonView) -> bool:
    """Tell whether the actor may move or cancel the lesson (whatever its state)."""
    own = actor.person_id == lesson.host_teacher.id and actor.may(Action.LESSON_BOOK)
    return own or actor.may(Action.LESSON_EDIT, lesson.host_room.school_id)


def may_end(actor: Actor, lesson: LessonView) -> bool:
    """Tell whether the actor may end the lesson early."""
    own = actor.person_id == lesson.host_teacher.id and actor.may(Action.LESSON_TEACH)
    return own or actor.may(Action.LESSON_EDIT, lesson.host_room.school_id)


def stage_role(actor: Actor, lesson: LessonView) -> str | None:
    """Return the role of a page's ticket: HOST, PATROL, or None for those who get none."""
    if actor.person_id == lesson.host_teacher.id and actor.may(Action.LESSON_TEACH):
        return "HOST"
    if actor.may(Action.LESSON_EDIT, lesson.host_room.school_id):
        return "PATROL"
    if any(actor.may(Action.PATROL, school) for school in lesson.school_ids):
        return "PATROL"
    return None
