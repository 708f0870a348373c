"""Who may book and change what. Pure.

A teacher books for themselves; whoever may edit a school's lessons (its admins) books for its
teachers. Host room and legs lie in the booker's own schools, or in a school that shares a
community with the host teacher's; so do the schools of the assistants, since a booking takes
their time.
"""

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.booking.checks.facts import Facts
from scheduler.booking.commands import BookLesson
from scheduler.kernel.errors import Forbidden
from scheduler.kernel.sentences import N_, say
from scheduler.lessons.rules import manages


def require_booker(actor: Actor) -> None:
    """Raise Forbidden unless the actor may book anywhere at all."""
    if not actor.may(Action.LESSON_BOOK):
        raise Forbidden(sentence=say(N_("您没有排课权限。")))


def require_booking(actor: Actor, command: BookLesson, facts: Facts) -> None:
    """Raise Forbidden, with the sentence why, unless the actor may book this command."""
    require_booker(actor)
    own = actor.schools(Action.LESSON_BOOK)
    if own is None:
        return
    teacher = facts.people[command.host_teacher_id]
    if teacher.id != actor.person_id and not manages(actor, teacher.school_id):
        raise Forbidden(sentence=say(N_("您不能为 %(name)s 排课。"), name=teacher.name))
    shared = frozenset(facts.communities_of.get(teacher.school_id or "", ()))

    def within_reach(school_id: str | None) -> bool:
        known = school_id or ""
        return known in own or bool(shared & frozenset(facts.communities_of.get(known, ())))

    for room_id in command.room_ids:
        room = facts.rooms[room_id]
        if not within_reach(room.school_id):
            sentence = say(
                N_("%(school)s %(room)s 不在您的教共体内。"),
                school=room.school_name,
                room=room.name,
            )
            raise Forbidden(sentence=sentence)
    for person_id in command.person_ids[1:]:
        if not within_reach(facts.people[person_id].school_id):
            name = facts.people[person_id].name
            raise Forbidden(sentence=say(N_("%(name)s 不在您的教共体内。"), name=name))
    if command.community_id is not None and command.community_id not in shared:
        raise Forbidden(sentence=say(N_("主讲教师的学校不属于这个教共体。")))
