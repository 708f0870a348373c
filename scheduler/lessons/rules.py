"""Who may do what with a lesson, and whose it is. Pure.

A lesson belongs to its host teacher; a leg to its assistant. Whoever may edit the lessons of a
school acts for its people. What a lesson's state allows is in `predicates`, not here.
"""

from collections.abc import Collection
from dataclasses import dataclass

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.kernel.errors import Forbidden
from scheduler.kernel.sentences import N_, say


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a lesson is: its host teacher's, and the school's of its host room."""

    teacher_id: str
    school_id: str


def may_change(actor: Actor, lesson: Ownership) -> bool:
    """Tell whether the actor may move or cancel the lesson, or remove a leg of it."""
    own = actor.person_id == lesson.teacher_id and actor.may(Action.LESSON_BOOK)
    return own or manages(actor, lesson.school_id)


def require_change(actor: Actor, lesson: Ownership) -> None:
    """Raise Forbidden, with the sentence why, unless the actor may change the lesson."""
    if not may_change(actor, lesson):
        raise Forbidden(sentence=say(N_("您不能修改这节课。")))


def may_teach(actor: Actor, teacher_id: str) -> bool:
    """Tell whether the lesson is the actor's own to give."""
    return actor.person_id == teacher_id and actor.may(Action.LESSON_TEACH)


def may_end(actor: Actor, lesson: Ownership) -> bool:
    """Tell whether the actor may end the lesson early."""
    return may_teach(actor, lesson.teacher_id) or manages(actor, lesson.school_id)


def may_patrol(actor: Actor, lesson: Ownership, school_ids: Collection[str]) -> bool:
    """Tell whether the actor may look into the lesson live; `school_ids` are all its schools."""
    patrols = any(actor.may(Action.PATROL, school_id) for school_id in school_ids)
    return patrols or manages(actor, lesson.school_id)


def stage_role(actor: Actor, lesson: Ownership, school_ids: Collection[str]) -> str | None:
    """Return the role of a page's ticket: HOST, PATROL, or None for those who get none."""
    if may_teach(actor, lesson.teacher_id):
        return "HOST"
    return "PATROL" if may_patrol(actor, lesson, school_ids) else None


def may_view(actor: Actor, people: Collection[str], school_ids: Collection[str]) -> bool:
    """Tell whether the actor is one of the lesson's people, or sees one of its schools' lessons."""
    sees = any(actor.may(Action.LESSON_VIEW, school_id) for school_id in school_ids)
    return actor.person_id in people or sees


def may_answer(actor: Actor, assistant_id: str | None, school_id: str) -> bool:
    """Tell whether the actor may answer for a leg of this school: its assistant, or an admin."""
    own = actor.person_id == assistant_id and actor.may(Action.LEG_ANSWER)
    return own or manages(actor, school_id)


def may_count(actor: Actor, people: Collection[str | None], school_id: str) -> bool:
    """Tell whether the actor may type a leg's head count; `school_id` is the leg's.

    Its assistant and the lesson's teacher (`people`) may, and whoever may at the leg's school: the
    colleague who stands in for the assistant as well as an administrator.
    """
    own = actor.person_id in people and actor.may(Action.HEADCOUNT_ENTER)
    return own or actor.may(Action.HEADCOUNT_ENTER, school_id)


def manages(actor: Actor, school_id: str | None) -> bool:
    """Tell whether the actor may edit the lessons of this school."""
    return school_id is not None and actor.may(Action.LESSON_EDIT, school_id)
