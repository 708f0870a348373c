"""What an administrator may look at, and what their filters can choose from."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.organisation import directory
from scheduler.organisation.shapes import CommunityView, PersonView, SchoolView


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """Schools, communities and teachers within an actor's reach, each ordered for a menu."""

    schools: tuple[SchoolView, ...]
    communities: tuple[CommunityView, ...]
    teachers: tuple[PersonView, ...]


def within(schools: frozenset[str] | None, school_id: str) -> bool:
    """Return whether a school is in the reach of `Actor.schools` (None is the whole county)."""
    return schools is None or school_id in schools


async def choices(session: AsyncSession, actor: Actor, action: Action) -> FilterChoices:
    """Return what the actor can choose from where `action` is allowed."""
    reach = actor.schools(action)
    schools = [s for s in await directory.schools(session) if within(reach, s.id)]
    seen = frozenset(school.id for school in schools)
    communities = [c for c in await directory.communities(session) if seen & set(c.school_ids)]
    teachers = [p for p in await directory.people(session, school_ids=seen) if p.subject]
    return FilterChoices(tuple(schools), tuple(communities), tuple(teachers))
