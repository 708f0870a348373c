"""Writing a county plan: one transaction, rows found again by their codes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from scheduler.access.passwords import hash_password
from scheduler.access.tables import Account, RoleGrant
from scheduler.calendar.tables import BellSchedule, CalendarDay, Period, Term
from scheduler.events.kinds import Event, EventKind
from scheduler.events.writing import emit
from scheduler.exchange.imports.county_file import BellEntry, CountyFile, FileEntry
from scheduler.exchange.imports.plan import CountyPlan, ImportSummary, KindCount
from scheduler.exchange.imports.refusals import require_free_people, require_one_county
from scheduler.exchange.imports.upsert import Ids, Values, upsert
from scheduler.kernel.database import Database
from scheduler.organisation.sealing import Seal
from scheduler.organisation.sources import stored_source
from scheduler.organisation.tables import (
    Agreement,
    Campus,
    ClassGroup,
    Community,
    County,
    Membership,
    Person,
    Room,
    School,
)

Codes = dict[str, str]  # code -> id


async def load_county(
    db: Database,
    now: datetime,
    plan: CountyPlan,
    actor_id: str | None,
    *,
    seal: Seal | None = None,
) -> ImportSummary:
    """Write the plan, all of it or nothing; `actor_id` is the importing account, and `seal` closes
    the addresses of recording hosts.

    Raises ImportRefused when the database holds another county, or another login of a person, and
    ValueError for a plan that names a recording host without a seal.
    """
    hashes = await _new_passwords(db, plan.file)

    async def work(session: AsyncSession) -> ImportSummary:
        await require_one_county(session, plan)
        loader = _Loader(session, now, plan, hashes, seal)
        await loader.load()
        summary = ImportSummary(loader.county_id, plan.file.county.name, loader.kinds)
        event = Event(
            kind=EventKind.ORGANISATION_IMPORT,
            at=now,
            actor_id=actor_id,
            object_id=loader.county_id,
            summary=plan.file.county.name,
            after=summary.counts(),
        )
        emit(session, event)
        return summary

    return await db.transact(work)


async def _new_passwords(db: Database, file: CountyFile) -> Mapping[str, str]:
    """Hash the passwords of logins not there yet, before the transaction: a hash is slow."""
    async with db.read() as session:
        known = set((await session.execute(select(col(Account.login)))).scalars())
    return {a.login: await hash_password(a.password) for a in file.account if a.login not in known}


@dataclass(slots=True)
class _Loader:
    """Walks the file's tables in the order in which they refer to each other."""

    session: AsyncSession
    now: datetime
    plan: CountyPlan
    hashes: Mapping[str, str]
    seal: Seal | None
    county_id: str = ""
    kinds: dict[str, KindCount] = field(default_factory=dict)

    @property
    def file(self) -> CountyFile:
        return self.plan.file

    async def load(self) -> None:
        county = await self._upsert("county", County, ("code",), [self.file.county.model_dump()])
        self.county_id = county[(self.file.county.code,)]
        await self._calendar()
        schools = await self._coded("school", School, self.file.school, self._in_county)
        campuses = await self._places(schools)
        await self._bells(campuses)
        people = await self._people(schools)
        communities = await self._communities(schools)
        await self._accounts(people, schools, communities)

    async def _calendar(self) -> None:
        await self._coded("term", Term, self.file.term, self._in_county)
        days = [self._in_county(day) for day in self.file.day]
        await self._upsert("day", CalendarDay, ("county_id", "day"), days)

    async def _places(self, schools: Codes) -> Codes:
        def campus(entry: FileEntry) -> Values:
            values = entry.model_dump(exclude={"school", "bell"})
            return values | {"school_id": schools[_text(entry, "school")]}

        campuses = await self._coded("campus", Campus, self.file.campus, campus)

        def room(entry: FileEntry) -> Values:
            values = entry.model_dump(exclude={"campus", "source_url"})
            values |= stored_source(self.seal, _text(entry, "source_url"), _text(entry, "code"))
            return values | {"campus_id": campuses[_text(entry, "campus")]}

        await self._coded("room", Room, self.file.room, room)
        return campuses

    async def _people(self, schools: Codes) -> Codes:
        def group(entry: FileEntry) -> Values:
            values = entry.model_dump(exclude={"school"})
            return values | {"school_id": schools[_text(entry, "school")]}

        await self._coded("class", ClassGroup, self.file.class_, group)

        def person(entry: FileEntry) -> Values:
            values = self._in_county(entry)
            school = values.pop("school")
            return values | {"school_id": None if school is None else schools[school]}

        return await self._coded("person", Person, self.file.person, person)

    async def _bells(self, campuses: Codes) -> None:
        """Give each campus its own copy of the bell it names; a removed period goes."""
        named = {bell.code: bell for bell in self.file.bell}
        wanted = {campuses[c.code]: named[c.bell] for c in self.file.campus if c.bell is not None}
        rows = [{"campus_id": campus, "name": bell.name} for campus, bell in wanted.items()]
        schedules = await self._upsert("bell", BellSchedule, ("campus_id",), rows)
        periods: list[Values] = []
        for campus, bell in wanted.items():
            schedule = schedules[(campus,)]
            await self._drop_periods(schedule, bell)
            periods += [p.model_dump() | {"bell_schedule_id": schedule} for p in bell.periods]
        await self._upsert("period", Period, ("bell_schedule_id", "number"), periods)

    async def _drop_periods(self, schedule_id: str, bell: BellEntry) -> None:
        await self.session.execute(
            delete(Period).where(
                col(Period.bell_schedule_id) == schedule_id,
                col(Period.number).not_in([period.number for period in bell.periods]),
            )
        )

    async def _communities(self, schools: Codes) -> Codes:
        found = await self._coded("community", Community, self.file.community, self._in_county)
        members = [
            {
                "community_id": found[m.community],
                "school_id": None if m.school is None else schools[m.school],
                "member_community_id": None if m.group is None else found[m.group],
                "role": m.role,
                "from_on": m.from_on,
                "until_on": m.until_on,
            }
            for m in self.file.member
        ]
        keys = ("community_id", "school_id", "member_community_id")
        await self._upsert("member", Membership, keys, members)
        agreements = [
            a.model_dump(exclude={"community"}) | {"community_id": found[a.community]}
            for a in self.file.agreement
        ]
        await self._upsert("agreement", Agreement, ("community_id", "starts_on"), agreements)
        return found

    async def _accounts(self, people: Codes, schools: Codes, communities: Codes) -> None:
        """Make accounts that are missing; a password once set is never set back."""
        await require_free_people(self.session, self.plan, people)
        new = [
            {
                "login": account.login,
                "person_id": people[account.person],
                "password_hash": self.hashes[account.login],
                "created_at": self.now,
            }
            for account in self.file.account
            if account.login in self.hashes
        ]
        await self._upsert("account", Account, ("login",), new)
        self.kinds["account"].unchanged += len(self.file.account) - len(new)
        query = select(col(Account.login), col(Account.id))
        ids = {login: one for login, one in await self.session.execute(query)}  # noqa: C416
        grants = [
            {
                "account_id": ids[account.login],
                "role": grant.role,
                "community_id": None if grant.community is None else communities[grant.community],
                "school_id": None if grant.school is None else schools[grant.school],
            }
            for account in self.file.account
            for grant in account.grants
        ]
        keys = ("account_id", "role", "community_id", "school_id")
        await self._upsert("grant", RoleGrant, keys, grants)

    def _in_county(self, entry: FileEntry) -> Values:
        return entry.model_dump() | {"county_id": self.county_id}

    async def _coded(
        self,
        kind: str,
        table: type[SQLModel],
        entries: Iterable[FileEntry],
        values: Callable[[Any], Values],
    ) -> Codes:
        """Write entries with codes; return code -> id."""
        rows = await self._upsert(kind, table, ("code",), [values(entry) for entry in entries])
        return {str(key[0]): one for key, one in rows.items()}

    async def _upsert(
        self, kind: str, table: type[SQLModel], keys: tuple[str, ...], rows: list[Values]
    ) -> Ids:
        count = self.kinds.setdefault(kind, KindCount())
        return await upsert(self.session, table, keys, rows, count)


def _text(entry: FileEntry, name: str) -> str:
    return str(getattr(entry, name))
