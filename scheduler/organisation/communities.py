"""Communities for reading, nested members flattened. Use it through `directory`."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.organisation.enums import MemberRole
from scheduler.organisation.membership import MemberLine, communities_of_schools, expand
from scheduler.organisation.shapes import CommunityView, MemberView
from scheduler.organisation.tables import Community, Membership, School


async def member_lines(session: AsyncSession) -> list[MemberLine]:
    """Return every membership, for the pure rules: groups first, then schools by code."""
    query = (
        select(Membership)
        .outerjoin(School, col(Membership.school_id) == col(School.id))
        .order_by(col(Membership.school_id).is_not(None), col(School.code))
    )
    rows = (await session.execute(query)).scalars()
    return [
        MemberLine(
            row.community_id,
            row.school_id,
            row.member_community_id,
            row.role,
            row.from_on,
            row.until_on,
        )
        for row in rows
    ]


async def schools_by_community(
    session: AsyncSession, day: date | None = None
) -> dict[str, tuple[str, ...]]:
    """Return community id -> school ids, nested members flattened."""
    return expand(await member_lines(session), day)


async def school_ids_of_community(
    session: AsyncSession, community_id: str, day: date | None = None
) -> frozenset[str]:
    """Return the schools of one community; empty when there is no such community."""
    return frozenset((await schools_by_community(session, day)).get(community_id, ()))


async def communities_by_school(
    session: AsyncSession, day: date | None = None
) -> dict[str, tuple[str, ...]]:
    """Return school id -> community ids, through groups as well."""
    return communities_of_schools(await schools_by_community(session, day))


async def communities(session: AsyncSession, day: date | None = None) -> list[CommunityView]:
    """Return all communities by code."""
    lines = await member_lines(session)
    expanded = expand(lines, day)
    rows = (await session.execute(select(Community).order_by(col(Community.code)))).scalars().all()
    names = {row.id: row.name for row in rows}
    names |= {row.id: row.name for row in (await session.execute(select(School))).scalars()}
    return [
        CommunityView(
            row.id,
            row.code,
            row.name,
            row.kind,
            row.starts_on,
            row.ends_on,
            row.note,
            _members(row.id, lines, day, names, expanded),
            expanded.get(row.id, ()),
        )
        for row in rows
    ]


def _members(
    community_id: str,
    lines: list[MemberLine],
    day: date | None,
    names: Mapping[str, str],
    expanded: Mapping[str, tuple[str, ...]],
) -> tuple[MemberView, ...]:
    found = []
    for line in lines:
        if line.community_id != community_id or not line.holds_on(day):
            continue
        member = line.school_id or line.member_community_id or ""
        schools = (member,) if line.school_id else expanded.get(member, ())
        found.append(
            MemberView(
                line.role,
                names[member],
                line.school_id,
                line.member_community_id,
                schools,
                line.from_on,
                line.until_on,
            )
        )
    return tuple(sorted(found, key=lambda member: member.role is not MemberRole.CORE))
