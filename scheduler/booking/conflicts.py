"""Half-open intervals and claims on resources. Pure: what clashes, and what never does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.booking.commands import BookLesson
from scheduler.booking.errors import Conflict, ResourceKind


def overlap(a_starts: datetime, a_ends: datetime, b_starts: datetime, b_ends: datetime) -> bool:
    """Tell whether [a_starts, a_ends) and [b_starts, b_ends) share a moment; adjacent ones do not.

    An interval that is empty shares nothing.
    """
    return max(a_starts, b_starts) < min(a_ends, b_ends)


def resource(kind: ResourceKind, one: str) -> str:
    """Return the name under which a thing is claimed, e.g. "room:0123456789abcdef"."""
    return f"{kind.value}:{one}"


@dataclass(frozen=True, slots=True)
class Wish:
    """A resource that a lesson needs. `leg`: the leg's place in the command, None for the host."""

    resource: str
    leg: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """A claim in the database, with what a person needs to know about its lesson."""

    resource: str
    lesson_id: str
    lesson_title: str
    teacher_name: str
    starts_at: datetime
    ends_at: datetime


def wishes(command: BookLesson) -> tuple[Wish, ...]:
    """Return every claim that the command needs, sorted by resource.

    The order is the order of insertion: two bookings that want the same things meet at the first
    of them instead of each holding what the other waits for.
    """
    wanted = [
        Wish(resource(ResourceKind.ROOM, command.host_room_id), None),
        Wish(resource(ResourceKind.PERSON, command.host_teacher_id), None),
    ]
    if command.host_class_id is not None:
        wanted.append(Wish(resource(ResourceKind.CLASS, command.host_class_id), None))
    for number, leg in enumerate(command.legs):
        wanted.append(Wish(resource(ResourceKind.ROOM, leg.room_id), number))
        if leg.assistant_id is not None:
            wanted.append(Wish(resource(ResourceKind.PERSON, leg.assistant_id), number))
        if leg.class_id is not None:
            wanted.append(Wish(resource(ResourceKind.CLASS, leg.class_id), number))
    return tuple(sorted(wanted, key=lambda wish: wish.resource))


@dataclass(frozen=True, slots=True)
class Clash:
    """A wish and the claim in its way."""

    wish: Wish
    held: Held


def clashes(
    wanted: Iterable[Wish], starts_at: datetime, ends_at: datetime, held: Iterable[Held]
) -> tuple[Clash, ...]:
    """Return each wish with each claim that overlaps [starts_at, ends_at), to be read."""
    by_resource: dict[str, list[Held]] = {}
    for claim in held:
        by_resource.setdefault(claim.resource, []).append(claim)
    found = [
        Clash(wish, claim)
        for wish in wanted
        for claim in by_resource.get(wish.resource, ())
        if overlap(starts_at, ends_at, claim.starts_at, claim.ends_at)
    ]
    return tuple(sorted(found, key=_reading_order))


def _reading_order(clash: Clash) -> tuple[datetime, int, str]:
    """Earlier first, then rooms, people, classes: the room is what a booker can change."""
    kind, _, one = clash.wish.resource.partition(":")
    return clash.held.starts_at, list(ResourceKind).index(ResourceKind(kind)), one


def explain(clash: Clash, names: Mapping[str, str]) -> Conflict:
    """Say what is taken, by which lesson of whom, and when; `names` maps resource -> name."""
    kind, _, one = clash.held.resource.partition(":")
    return Conflict(
        ResourceKind(kind),
        one,
        names.get(clash.held.resource, one),
        clash.held.lesson_id,
        clash.held.lesson_title,
        clash.held.teacher_name,
        clash.held.starts_at,
        clash.held.ends_at,
    )
