"""Everything that a command refers to, read once, so that the rules can stay pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.booking.commands import BookLesson
from scheduler.calendar.bells import PeriodTimes
from scheduler.calendar.queries import DEFAULT_ZONE, CountyCalendar, bells_of, load_calendar
from scheduler.organisation import directory
from scheduler.organisation.membership import communities_of_schools
from scheduler.organisation.shapes import ClassView, CountyView, PersonView, RoomView
from scheduler.organisation.tables import Agreement, Campus, Community, County, Room, School


@dataclass(frozen=True, slots=True)
class CommunityFacts:
    """A community's name and the days of its cooperation agreements, both ends included."""

    name: str
    agreements: tuple[tuple[date, date], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database says about the ids of one command; unknown ids are missing keys."""

    county: CountyView
    calendar: CountyCalendar
    rooms: Mapping[str, RoomView]
    people: Mapping[str, PersonView]
    classes: Mapping[str, ClassView]
    communities: Mapping[str, CommunityFacts]
    communities_of: Mapping[str, tuple[str, ...]]  # school id -> communities on the day
    bells: Mapping[str, tuple[PeriodTimes, ...]]  # campus id -> periods


async def gather(session: AsyncSession, command: BookLesson) -> Facts:
    """Read the facts of a command; an unknown host room leaves the county's own calendar."""
    county = await _county_of_room(session, askable([command.host_room_id]))
    calendar = await load_calendar(session, county.id, county.time_zone)
    day = calendar.day_of(command.starts_at)
    expanded = await directory.schools_by_community(session, day)
    rooms = await directory.rooms(
        session, room_ids=askable(command.room_ids), active_only=False, expanded=expanded
    )
    people = await directory.people(session, person_ids=askable(command.person_ids))
    classes = await directory.classes(session, class_ids=askable(command.class_ids))
    return Facts(
        county=county,
        calendar=calendar,
        rooms={room.id: room for room in rooms},
        people={person.id: person for person in people},
        classes={group.id: group for group in classes},
        communities=await _communities(session, command.community_id),
        communities_of=communities_of_schools(expanded),
        bells=await bells_of(session, {room.campus_id for room in rooms}),
    )


def askable(ids: Iterable[str]) -> tuple[str, ...]:
    """Return the ids that could be ids; what a database cannot even be asked for is unknown."""
    return tuple(one for one in ids if one.isascii() and one.isprintable())


async def _county_of_room(session: AsyncSession, rooms: tuple[str, ...]) -> CountyView:
    query = (
        select(County)
        .join(School, col(School.county_id) == col(County.id))
        .join(Campus, col(Campus.school_id) == col(School.id))
        .join(Room, col(Room.campus_id) == col(Campus.id))
        .where(col(Room.id).in_(rooms))
    )
    row = (await session.execute(query)).scalar()
    if row is not None:
        return CountyView(row.id, row.code, row.name, row.time_zone)
    return await directory.the_county(session) or CountyView("", "", "", DEFAULT_ZONE)


async def _communities(
    session: AsyncSession, community_id: str | None
) -> dict[str, CommunityFacts]:
    if community_id is None or not askable([community_id]):
        return {}
    query = (
        select(col(Community.name), Agreement)
        .outerjoin(Agreement, col(Agreement.community_id) == col(Community.id))
        .where(col(Community.id) == community_id)
    )
    rows = (await session.execute(query)).all()
    dates = tuple((one.starts_on, one.ends_on) for _, one in rows if one is not None)
    return {community_id: CommunityFacts(rows[0][0], dates)} if rows else {}
