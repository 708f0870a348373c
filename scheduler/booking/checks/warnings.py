"""What a booker should know although the booking stands. Pure."""

from collections.abc import Iterator

from scheduler.booking.checks.facts import Facts
from scheduler.booking.commands import BookLesson
from scheduler.booking.errors import BookingProblem
from scheduler.calendar.bells import shared_seconds
from scheduler.calendar.tables import DayKind
from scheduler.kernel.sentences import N_, say


def warnings(command: BookLesson, facts: Facts) -> tuple[BookingProblem, ...]:
    """Return the warnings of a command whose rooms are all known."""
    return (*_calendar(command, facts), *_agreement(command, facts), *_bells(command, facts))


def _calendar(command: BookLesson, facts: Facts) -> Iterator[BookingProblem]:
    calendar = facts.calendar
    day = calendar.day_of(command.starts_at)
    if calendar.term_of(day) is None:
        yield BookingProblem("OUTSIDE_TERM", "starts_at", say(N_("这一天不在任何学期内。")))
    rule = calendar.rules.get(day)
    if rule is not None and rule.kind is DayKind.HOLIDAY:
        yield BookingProblem(
            "HOLIDAY", "starts_at", say(N_("这一天是假期：%(name)s。"), name=rule.name or "—")
        )
    elif not calendar.is_taught(day):
        yield BookingProblem("WEEKEND", "starts_at", say(N_("这一天是周末，不上课。")))


def _agreement(command: BookLesson, facts: Facts) -> Iterator[BookingProblem]:
    community = facts.communities.get(command.community_id or "")
    if community is None or not community.agreements:
        return
    day = facts.calendar.day_of(command.starts_at)
    if not any(starts <= day <= ends for starts, ends in community.agreements):
        sentence = say(N_("%(name)s 的合作协议不包括这一天。"), name=community.name)
        yield BookingProblem("OUTSIDE_AGREEMENT", "community_id", sentence)


def _bells(command: BookLesson, facts: Facts) -> Iterator[BookingProblem]:
    """A shared lesson follows the host's bell: tell a leg whose pupils have a break in it."""
    day = facts.calendar.day_of(command.starts_at)
    wanted = (command.ends_at - command.starts_at).total_seconds()
    for number, leg in enumerate(command.legs):
        room = facts.rooms[leg.room_id]
        slots = facts.calendar.slots(day, facts.bells.get(room.campus_id, ()))
        taught = sum(shared_seconds(s, command.starts_at, command.ends_at) for s in slots)
        minutes = round((wanted - taught) / 60)
        if slots and minutes > 0 and taught > 0:
            sentence = say(
                N_("%(school)s 的作息不同：这节课有 %(minutes)d 分钟在课间。"),
                school=room.school_name,
                minutes=minutes,
            )
            yield BookingProblem("CROSSES_BREAK", f"legs.{number}.room_id", sentence)
