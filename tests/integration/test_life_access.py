"""Accounts and sessions on both databases."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from scheduler.access import ratelimit
from scheduler.access.accounts import (
    AdminExists,
    LoginTaken,
    NewRole,
    WeakPassword,
    create_account,
    first_admin,
    load_actor,
)
from scheduler.access.permissions import Action
from scheduler.access.roles import Role
from scheduler.access.sessions import (
    IDLE,
    LIFETIME,
    SignedIn,
    SignInRefused,
    resume,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from scheduler.access.tables import Account, Attempt, Session
from scheduler.events.tables import EventRow
from scheduler.kernel.database import Database
from scheduler.kernel.errors import NotFound
from scheduler.organisation.tables import Membership
from tests.support.county import NOW, Town, settle

PASSWORD = "a long enough one"
ADDRESS = "10.1.x.x"


async def account(town: Town, login: str = "Wang", person: str = "core-t", *grants: NewRole) -> str:
    given = list(grants) or [NewRole(Role.SCHOOL_ADMIN, school_id=town.schools["core"])]
    return await create_account(town.db, NOW, town.people[person].id, login, PASSWORD, given)


async def enter(
    db: Database,
    login: str = "wang",
    password: str = PASSWORD,
    minutes: float = 0,
    address: str = ADDRESS,
) -> SignedIn:
    return await sign_in(db, NOW + timedelta(minutes=minutes), login, password, address)


async def refused(db: Database, **how: object) -> tuple[str, int]:
    with pytest.raises(SignInRefused) as caught:
        await enter(db, **how)  # type: ignore[arg-type]
    return caught.value.reason, caught.value.retry_after


async def actions(db: Database) -> list[str]:
    async with db.read() as session:
        found = await session.execute(
            select(col(EventRow.kind)).where(col(EventRow.kind).startswith("session."))
        )
        return sorted(found.scalars())


async def test_signing_in_resuming_and_out(any_db: Database) -> None:
    town = await settle(any_db)
    account_id = await account(town)
    signed = await enter(any_db, " WANG ")
    assert (signed.actor.account_id, signed.actor.name) == (account_id, "中心校教师")
    assert signed.actor.schools(Action.USAGE_VIEW) == {town.schools["core"]}
    resumed = await resume(any_db, NOW + timedelta(hours=1), signed.token)
    assert resumed is not None
    assert (resumed.actor, resumed.csrf_token) == (signed.actor, signed.csrf_token)
    assert await resume(any_db, NOW, signed.token + "x") is None
    await sign_out(any_db, NOW + timedelta(hours=1), signed.token)
    await sign_out(any_db, NOW + timedelta(hours=1), signed.token)
    assert await resume(any_db, NOW + timedelta(hours=1), signed.token) is None
    assert await actions(any_db) == ["session.begin", "session.end"]


async def test_the_database_never_holds_what_a_thief_could_use(any_db: Database) -> None:
    await account(await settle(any_db))
    signed = await enter(any_db)
    async with any_db.read() as session:
        row = (await session.execute(select(Session))).scalar_one()
        assert signed.token not in row.model_dump().values()
        assert len(row.token_hash) == 64
        stored = (await session.execute(select(Account))).scalar_one()
        assert PASSWORD not in stored.password_hash


async def test_a_session_slides_for_twelve_hours_and_ends_after_thirty_days(
    any_db: Database,
) -> None:
    await account(await settle(any_db))
    signed = await enter(any_db)
    assert await resume(any_db, NOW + IDLE, signed.token) is None
    now = NOW
    while now < NOW + LIFETIME - IDLE:
        now += IDLE - timedelta(seconds=1)
        assert await resume(any_db, now, signed.token) is not None
    assert await resume(any_db, NOW + LIFETIME - timedelta(seconds=1), signed.token) is not None
    assert await resume(any_db, NOW + LIFETIME, signed.token) is None


async def test_every_session_of_an_account_can_be_ended(any_db: Database) -> None:
    account_id = await account(await settle(any_db))
    tokens = [(await enter(any_db)).token for _ in range(2)]
    await sign_out_everywhere(any_db, NOW, account_id)
    assert [await resume(any_db, NOW, token) for token in tokens] == [None, None]


async def test_refusals_do_not_tell_what_was_wrong(any_db: Database) -> None:
    town = await settle(any_db)
    account_id = await account(town)
    await account(town, "zhang", "east-t")
    async with any_db.write() as session:
        await session.execute(
            update(Account).where(col(Account.login) == "zhang").values(disabled=True)
        )
    assert await refused(any_db, password="wrong") == ("wrong", 0)
    assert await refused(any_db, login="nobody") == ("wrong", 0)
    assert await refused(any_db, login="zhang") == ("wrong", 0)
    assert await refused(any_db, password="x" * 5000) == ("wrong", 0)
    assert await refused(any_db, login="no\0body") == ("wrong", 0)
    assert await refused(any_db, login="\ud800", password="\udfff") == ("wrong", 0)
    assert await actions(any_db) == ["session.refused"] * 6
    async with any_db.read() as session:
        told = await session.execute(select(EventRow).where(col(EventRow.address) == ADDRESS))
        assert {e.account_id for e in told.scalars()} >= {account_id, None}


async def test_five_wrong_passwords_wait_and_a_right_one_waits_too(any_db: Database) -> None:
    await account(await settle(any_db))
    for minute in range(5):
        assert await refused(any_db, password="wrong", minutes=minute) == ("wrong", 0)
    assert await refused(any_db, minutes=5) == ("wait", 600)
    assert (await enter(any_db, minutes=15)).actor.login == "wang"


async def test_a_school_behind_one_address_may_sign_in_and_a_guesser_may_not(
    any_db: Database,
) -> None:
    await account(await settle(any_db))
    for _ in range(31):
        await enter(any_db)
    for number in range(30):
        assert await refused(any_db, login=f"nobody{number}") == ("wrong", 0)
    assert await refused(any_db, login="nobody31") == ("wait", 900)
    assert await refused(any_db) == ("wait", 900)
    assert (await enter(any_db, address="10.2.x.x")).actor.login == "wang"


async def test_guesses_at_the_same_time_do_not_slip_through(any_db: Database) -> None:
    await account(await settle(any_db))

    async def guess() -> str:
        return (await refused(any_db, password="wrong"))[0]

    found = await asyncio.gather(*(guess() for _ in range(12)))
    assert sorted(found) == ["wait"] * 7 + ["wrong"] * 5


async def test_counting_and_forgetting_attempts(any_db: Database) -> None:
    window = timedelta(minutes=10)

    async def count(minutes: float) -> bool:
        now = NOW + timedelta(minutes=minutes)
        return await any_db.transact(
            lambda session: ratelimit.count(
                session, "pair:10.1.x.x", now, ratelimit.Limit(2, window)
            )
        )

    assert [await count(m) for m in (0, 1, 2, 9.9, 10, 10.5, 11)] == [
        True, True, False, False, True, False, True,
    ]  # fmt: skip
    assert await count(60 * 30)
    async with any_db.read() as session:
        assert (await session.execute(select(func.count()).select_from(Attempt))).scalar_one() == 1


async def test_a_community_grant_covers_nested_schools_on_their_dates(any_db: Database) -> None:
    town = await settle(any_db)
    account_id = await account(
        town, "li", "east-t", NewRole(Role.COMMUNITY_ADMIN, community_id=town.communities["all"])
    )

    async def covered() -> set[str]:
        async with any_db.read() as session:
            actor = await load_actor(session, account_id, NOW)
        found = actor.schools(Action.TERMINAL_APPROVE)
        assert found is not None
        return {code for code, one in town.schools.items() if one in found}

    assert await covered() == {"core", "east", "west"}
    for until, left in (
        (NOW.date(), {"core", "east", "west"}),
        (NOW.date() - timedelta(days=1), {"core", "east"}),
    ):
        await _west_until(town, until)
        assert await covered() == left


async def test_the_day_of_a_membership_is_the_countys(any_db: Database) -> None:
    """At 17:00 UTC it is tomorrow in the county."""
    town = await settle(any_db)
    account_id = await account(
        town, "li", "east-t", NewRole(Role.SUPERVISOR, community_id=town.communities["all"])
    )
    await _west_until(town, NOW.date())
    async with any_db.read() as session:
        before = await load_actor(session, account_id, NOW.replace(hour=15, minute=59))
        after = await load_actor(session, account_id, NOW.replace(hour=16))
    assert before.may(Action.PATROL, town.schools["west"])
    assert not after.may(Action.PATROL, town.schools["west"])


async def _west_until(town: Town, until: date) -> None:
    async with town.db.write() as session:
        await session.execute(
            update(Membership)
            .where(col(Membership.school_id) == town.schools["west"])
            .values(until_on=until)
        )


async def test_the_first_admin_of_a_county(any_db: Database) -> None:
    account_id = await first_admin(any_db, NOW, "leizhou", "管理员", "root", PASSWORD, "雷州市")
    signed = await enter(any_db, "root")
    assert (signed.actor.account_id, signed.actor.name) == (account_id, "管理员")
    assert signed.actor.has(Role.COUNTY_ADMIN)
    assert all(signed.actor.may(action, "any school") for action in Action)
    with pytest.raises(AdminExists):
        await first_admin(any_db, NOW, "leizhou", "另一位", "root2", PASSWORD)
    with pytest.raises(WeakPassword, match="10"):
        await first_admin(any_db, NOW, "other", "甲", "jia", "short")
    with pytest.raises(LoginTaken):
        await first_admin(any_db, NOW, "other", "甲", " ROOT", PASSWORD)
    async with any_db.read() as session:
        with pytest.raises(NotFound):
            await load_actor(session, "no such account", NOW)
