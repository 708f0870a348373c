"""What a lesson claims, and which claims of others are in its way. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduler.booking.checks.facts import Facts
from scheduler.booking.commands import BookLesson
from scheduler.booking.errors import Conflict
from scheduler.booking.resources import (
    Resource,
    ResourceKind,
    class_resource,
    person_resource,
    room_resource,
)

READING_ORDER = {kind: place for place, kind in enumerate(ResourceKind)}


def overlap(a_starts: datetime, a_ends: datetime, b_starts: datetime, b_ends: datetime) -> bool:
    """Tell whether [a_starts, a_ends) and [b_starts, b_ends) share a moment; adjacent ones do not.

    An interval that is empty shares nothing.
    """
    return max(a_starts, b_starts) < min(a_ends, b_ends)


@dataclass(frozen=True, slots=True)
class WantedClaim:
    """What a lesson needs. `leg`: the leg's place in the command, None for the host."""

    resource: Resource
    leg: int | None


@dataclass(frozen=True, slots=True)
class HeldClaim:
    """A claim in the database, with what a person needs to know about its lesson."""

    resource: Resource
    lesson_id: str
    lesson_title: str
    teacher_name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Overlap:
    """A wanted claim and a held one on the same resource at the same time."""

    wanted: WantedClaim
    held: HeldClaim


def wanted_claims(command: BookLesson) -> tuple[WantedClaim, ...]:
    """Return every claim that the command needs, sorted by resource.

    The order is the order of insertion: two bookings that want the same things meet at the first
    of them instead of each holding what the other waits for.
    """
    wanted = [
        WantedClaim(room_resource(command.host_room_id), None),
        WantedClaim(person_resource(command.host_teacher_id), None),
    ]
    if command.host_class_id is not None:
        wanted.append(WantedClaim(class_resource(command.host_class_id), None))
    for number, leg in enumerate(command.legs):
        wanted.append(WantedClaim(room_resource(leg.room_id), number))
        if leg.assistant_id is not None:
            wanted.append(WantedClaim(person_resource(leg.assistant_id), number))
        if leg.class_id is not None:
            wanted.append(WantedClaim(class_resource(leg.class_id), number))
    return tuple(sorted(wanted, key=lambda one: one.resource))


def overlaps(command: BookLesson, held: Iterable[HeldClaim]) -> tuple[Overlap, ...]:
    """Return each claim that the command wants with each held one in its way, to be read."""
    by_resource: dict[Resource, list[HeldClaim]] = {}
    for claim in held:
        by_resource.setdefault(claim.resource, []).append(claim)
    found = [
        Overlap(wanted, claim)
        for wanted in wanted_claims(command)
        for claim in by_resource.get(wanted.resource, ())
        if overlap(command.starts_at, command.ends_at, claim.starts_at, claim.ends_at)
    ]
    return tuple(sorted(found, key=_reading_order))


def _reading_order(found: Overlap) -> tuple[datetime, int, str]:
    """Earlier first, then rooms, people, classes."""
    resource = found.held.resource
    return found.held.starts_at, READING_ORDER[resource.kind], resource.id


def conflict_of(found: Overlap, facts: Facts) -> Conflict:
    """Say what is taken, by which lesson of whom, and when."""
    held = found.held
    return Conflict(
        held.resource,
        name_of(held.resource, facts),
        held.lesson_id,
        held.lesson_title,
        held.teacher_name,
        held.starts_at,
        held.ends_at,
    )


def name_of(resource: Resource, facts: Facts) -> str:
    """Return the name that people know, rooms and classes with their school; else the id."""
    if resource.kind is ResourceKind.PERSON:
        person = facts.people.get(resource.id)
        return resource.id if person is None else person.name
    known = facts.rooms if resource.kind is ResourceKind.ROOM else facts.classes
    thing = known.get(resource.id)
    return resource.id if thing is None else f"{thing.school_name} {thing.name}"
