"""Accounts: making them, and loading who acts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor, RoleInScope
from scheduler.access.passwords import check_strength, hash_password
from scheduler.access.roles import Role
from scheduler.access.scopes import Member, schools_of_community
from scheduler.access.tables import Account, RoleGrant
from scheduler.events.kinds import Event, EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.errors import NotFound, Refusal
from scheduler.organisation.tables import County, Membership, Person


class WeakPassword(Refusal):
    """this password is too weak"""


class LoginTaken(Refusal):
    """this login belongs to somebody else"""


class AdminExists(Refusal):
    """this county has an administrator already"""


@dataclass(frozen=True, slots=True)
class NewRole:
    """A role for an account: over the county when both ids are None."""

    role: Role
    community_id: str | None = None
    school_id: str | None = None


def normal_login(login: str) -> str:
    """Return a login as it is stored and compared: no space around it, no capitals.

    What no database stores (NUL, half a surrogate pair) is left out.
    """
    text = login.replace("\0", "").encode("utf-8", "ignore").decode()
    return text.strip().casefold()


async def create_account(
    db: Database,
    now: datetime,
    person_id: str,
    login: str,
    password: str,
    roles: Sequence[NewRole],
) -> str:
    """Make an account for a person and return its id.

    Raise WeakPassword (its message is a Chinese msgid) or LoginTaken.
    """
    password_hash = await _hash_if_strong(password, login)

    async def work(session: AsyncSession) -> str:
        return await add_account(session, now, person_id, login, password_hash, roles)

    return await db.transact(work)


async def add_account(
    session: AsyncSession,
    now: datetime,
    person_id: str,
    login: str,
    password_hash: str,
    roles: Sequence[NewRole],
) -> str:
    """Add an account and its roles to the session's transaction; return its id."""
    name = normal_login(login)
    taken = await session.execute(select(col(Account.id)).where(col(Account.login) == name))
    if not name or taken.scalar_one_or_none() is not None:
        raise LoginTaken
    account = Account(person_id=person_id, login=name, password_hash=password_hash, created_at=now)
    session.add(account)
    await session.flush()
    for new in dict.fromkeys(roles):
        session.add(
            RoleGrant(
                account_id=account.id,
                role=new.role,
                community_id=new.community_id,
                school_id=new.school_id,
            )
        )
    emit(session, Event(kind=EventKind.ACCOUNT_CREATE, at=now, object_id=account.id))
    return account.id


async def load_actor(session: AsyncSession, account_id: str, now: datetime) -> Actor:
    """Return the actor of an account, its scopes expanded to the schools of `now`'s day.

    Raise NotFound when there is no such account or it is disabled.
    """
    found = await session.execute(
        select(Account, Person, County)
        .join(Person, col(Person.id) == col(Account.person_id))
        .join(County, col(County.id) == col(Person.county_id))
        .where(col(Account.id) == account_id, col(Account.disabled).is_(False))
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound
    account, person, county = row
    today = now.astimezone(ZoneInfo(county.time_zone)).date()
    return Actor(
        account_id=account.id,
        person_id=person.id,
        login=account.login,
        name=person.name,
        language=account.language,
        roles=await _roles(session, account.id, today),
    )


async def first_admin(
    db: Database,
    now: datetime,
    county_code: str,
    name: str,
    login: str,
    password: str,
    county_name: str | None = None,
) -> str:
    """Make the county (if it is missing), a person called `name` and the county's first admin.

    Return the account's id. Raise WeakPassword, LoginTaken, or AdminExists when the county has a
    county administrator already: further ones are made by people with that role.
    """
    password_hash = await _hash_if_strong(password, login)

    async def work(session: AsyncSession) -> str:
        county = await _county(session, county_code, county_name or county_code)
        if await _has_admin(session, county.id):
            raise AdminExists
        person = Person(
            county_id=county.id, code=f"{county_code}-admin-{normal_login(login)}"[:64], name=name
        )
        session.add(person)
        await session.flush()
        county_admin = NewRole(Role.COUNTY_ADMIN)
        return await add_account(session, now, person.id, login, password_hash, [county_admin])

    return await db.transact(work)


async def _hash_if_strong(password: str, login: str) -> str:
    weakness = check_strength(password, normal_login(login))
    if weakness is not None:
        raise WeakPassword(weakness)
    return await hash_password(password)


async def _county(session: AsyncSession, code: str, name: str) -> County:
    found = await session.execute(select(County).where(col(County.code) == code))
    county = found.scalar_one_or_none()
    if county is None:
        county = County(code=code, name=name)
        session.add(county)
        await session.flush()
    return county


async def _has_admin(session: AsyncSession, county_id: str) -> bool:
    found = await session.execute(
        select(col(RoleGrant.id))
        .join(Account, col(Account.id) == col(RoleGrant.account_id))
        .join(Person, col(Person.id) == col(Account.person_id))
        .where(
            col(RoleGrant.role) == Role.COUNTY_ADMIN,
            col(Person.county_id) == county_id,
            col(Account.disabled).is_(False),
        )
        .limit(1)
    )
    return found.scalar_one_or_none() is not None


async def _roles(session: AsyncSession, account_id: str, today: date) -> tuple[RoleInScope, ...]:
    found = await session.execute(
        select(RoleGrant).where(col(RoleGrant.account_id) == account_id).order_by(RoleGrant.id)
    )
    rows = found.scalars().all()
    members: list[Member] = []
    if any(row.community_id is not None for row in rows):
        members = await _members(session)
    return tuple(_role(row, members, today) for row in rows)


async def _members(session: AsyncSession) -> list[Member]:
    found = await session.execute(select(Membership))
    return [
        Member(m.community_id, m.school_id, m.member_community_id, m.from_on, m.until_on)
        for m in found.scalars()
    ]


def _role(row: RoleGrant, members: Iterable[Member], today: date) -> RoleInScope:
    if row.community_id is not None:
        covered = schools_of_community(row.community_id, members, today)
        return RoleInScope(row.role, False, row.community_id, covered)
    if row.school_id is not None:
        return RoleInScope(row.role, False, None, frozenset({row.school_id}))
    return RoleInScope(row.role, True, None, frozenset())
