"""What the booking form offers: rooms, teachers and classes that this person may ask for.

Only an offer: the booking itself checks every id again (scheduler.booking).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.organisation import directory
from scheduler.organisation.shapes import ClassView, CommunityView, PersonView, RoomView


@dataclass(frozen=True, slots=True)
class SchoolChoice:
    """One school with everything of it that a lesson may use."""

    id: str
    name: str
    rooms: tuple[RoomView, ...]
    classes: tuple[ClassView, ...]
    people: tuple[PersonView, ...]


@dataclass(frozen=True, slots=True)
class BookingChoices:
    """`community` is None when all of the county is offered. The core schools come first."""

    communities: tuple[CommunityView, ...]
    community: CommunityView | None
    schools: tuple[SchoolChoice, ...]
    teachers: tuple[PersonView, ...]

    @property
    def rooms(self) -> tuple[RoomView, ...]:
        return tuple(room for school in self.schools for room in school.rooms)


def communities_of(
    communities: Iterable[CommunityView], own: frozenset[str] | None
) -> tuple[CommunityView, ...]:
    """Return the communities that hold a school of `own` (None: all), the widest first."""
    mine = [c for c in communities if own is None or own.intersection(c.school_ids)]
    return tuple(sorted(mine, key=lambda c: (-len(c.school_ids), c.code)))


async def own_communities(
    session: AsyncSession, actor: Actor, action: Action, day: date
) -> tuple[CommunityView, ...]:
    """Return the communities in which `actor` may do `action`."""
    return communities_of(await directory.communities(session, day), actor.schools(action))


async def load_choices(
    session: AsyncSession, actor: Actor, community_id: str, day: date
) -> BookingChoices:
    """Return what `actor` may choose from within a community of theirs (the widest by default)."""
    mine = await own_communities(session, actor, Action.LESSON_BOOK, day)
    community = next((c for c in mine if c.id == community_id), mine[0] if mine else None)
    own = actor.schools(Action.LESSON_BOOK)
    names = {school.id: school.name for school in await directory.schools(session, day)}
    if community is not None:
        offered = list(community.school_ids)
    else:
        offered = [school for school in names if own is None or school in own]
    rooms = await directory.rooms(session, day=day, school_ids=offered)
    groups = await directory.classes(session, school_ids=offered)
    people = await directory.people(session, school_ids=offered)
    return BookingChoices(
        communities=mine,
        community=community,
        schools=tuple(
            SchoolChoice(
                school,
                names[school],
                tuple(r for r in rooms if r.school_id == school),
                tuple(g for g in groups if g.school_id == school),
                tuple(p for p in people if p.school_id == school),
            )
            for school in offered
        ),
        teachers=await _teachers(session, actor, people),
    )


async def _teachers(
    session: AsyncSession, actor: Actor, people: list[PersonView]
) -> tuple[PersonView, ...]:
    """Return the actor first, then everybody of the schools where they may edit lessons."""
    own = actor.schools(Action.LESSON_EDIT)
    found = [p for p in people if own is None or p.school_id in own]
    me = await directory.people(session, person_ids=[actor.person_id])
    return tuple({person.id: person for person in (*me, *found)}.values())
