"""Who and where, for reading. `day` counts only memberships that hold then; None counts all."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.kernel.errors import NotFound
from scheduler.organisation.communities import (
    communities,
    communities_by_school,
    school_ids_of_community,
    schools_by_community,
)
from scheduler.organisation.enums import RoomKind
from scheduler.organisation.membership import communities_of_schools
from scheduler.organisation.shapes import ClassView, CountyView, PersonView, RoomView, SchoolView
from scheduler.organisation.tables import Campus, ClassGroup, County, Person, Room, School

__all__ = [
    "classes",
    "communities",
    "communities_by_school",
    "people",
    "room",
    "rooms",
    "school_ids_of_community",
    "schools",
    "schools_by_community",
    "the_county",
]

Ids = Collection[str] | None

ROOM_KIND_ORDER = {RoomKind.RECORDING: 0, RoomKind.INTERACTIVE: 1, RoomKind.OTHER: 2}


async def the_county(session: AsyncSession) -> CountyView | None:
    """Return the county of this installation (the first by code), None before the import."""
    row = (await session.execute(select(County).order_by(col(County.code)).limit(1))).scalar()
    return None if row is None else CountyView(row.id, row.code, row.name, row.time_zone)


async def schools(session: AsyncSession, day: date | None = None) -> list[SchoolView]:
    """Return all schools by code."""
    belongs = await communities_by_school(session, day)
    rows = (await session.execute(select(School).order_by(col(School.code)))).scalars()
    return [
        SchoolView(
            row.id,
            row.code,
            row.name,
            row.tier,
            row.stage,
            row.synthetic,
            belongs.get(row.id, ()),
        )
        for row in rows
    ]


async def rooms(
    session: AsyncSession,
    *,
    day: date | None = None,
    community_id: str | None = None,
    school_ids: Ids = None,
    room_ids: Ids = None,
    active_only: bool = True,
    expanded: Mapping[str, tuple[str, ...]] | None = None,
) -> list[RoomView]:
    """Return rooms by school, then recording rooms first, then by name.

    Schools come by code, those of one community in its own order: core schools first. Whoever
    has asked `schools_by_community` for the day already hands that over as `expanded`.
    """
    if expanded is None:
        expanded = await schools_by_community(session, day)
    query = _rooms_query()
    if community_id is not None:
        query = query.where(col(School.id).in_(expanded.get(community_id, ())))
    if school_ids is not None:
        query = query.where(col(School.id).in_(school_ids))
    if room_ids is not None:
        query = query.where(col(Room.id).in_(room_ids))
    if active_only:
        query = query.where(col(Room.active))
    belongs = communities_of_schools(expanded)
    rows = (await session.execute(query)).all()
    place = {one: n for n, one in enumerate(expanded.get(community_id or "", ()))}
    ordered = sorted(
        rows,
        key=lambda r: (place.get(r[2].id, 0), r[2].code, ROOM_KIND_ORDER[r[0].kind], r[0].name),
    )
    return [_room_view(*row, belongs) for row in ordered]


async def room(session: AsyncSession, room_id: str) -> RoomView:
    """Return one room, active or not; raise NotFound."""
    found = await rooms(session, room_ids=(room_id,), active_only=False)
    if not found:
        raise NotFound("no such room")
    return found[0]


def _rooms_query() -> Select[Room, Campus, School]:
    return (
        select(Room, Campus, School)
        .join(Campus, col(Room.campus_id) == col(Campus.id))
        .join(School, col(Campus.school_id) == col(School.id))
    )


def _room_view(
    room: Room, campus: Campus, school: School, belongs: Mapping[str, tuple[str, ...]]
) -> RoomView:
    return RoomView(
        room.id,
        room.code,
        room.name,
        room.kind,
        room.seats,
        room.active,
        campus.id,
        campus.name,
        school.id,
        school.name,
        belongs.get(school.id, ()),
        room.source_shown,
    )


async def classes(
    session: AsyncSession, *, school_ids: Ids = None, class_ids: Ids = None
) -> list[ClassView]:
    """Return classes by code."""
    if class_ids is not None and not class_ids:
        return []
    query = select(ClassGroup, col(School.name)).join(
        School, col(ClassGroup.school_id) == col(School.id)
    )
    if school_ids is not None:
        query = query.where(col(ClassGroup.school_id).in_(school_ids))
    if class_ids is not None:
        query = query.where(col(ClassGroup.id).in_(class_ids))
    rows = (await session.execute(query.order_by(col(ClassGroup.code)))).all()
    return [
        ClassView(row.id, row.code, row.name, row.grade, row.pupils, row.school_id, school)
        for row, school in rows
    ]


async def people(
    session: AsyncSession, *, school_ids: Ids = None, person_ids: Ids = None
) -> list[PersonView]:
    """Return people by code; with `school_ids`, without those of the county itself."""
    query = select(Person, col(School.name)).outerjoin(
        School, col(Person.school_id) == col(School.id)
    )
    if school_ids is not None:
        query = query.where(col(Person.school_id).in_(school_ids))
    if person_ids is not None:
        query = query.where(col(Person.id).in_(person_ids))
    rows = (await session.execute(query.order_by(col(Person.code)))).all()
    return [
        PersonView(row.id, row.code, row.name, row.subject, row.school_id, school or "")
        for row, school in rows
    ]
