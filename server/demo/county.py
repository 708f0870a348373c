"""The demo: a county in an empty database, accounts to sign in with, a lesson always going.

Nothing here runs for a real county: the demo marks the database that it filled by a file beside
it, and leaves every other one alone.
"""

import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from scheduler.access.accounts import load_actor
from scheduler.access.actor import Actor
from scheduler.access.roles import Role
from scheduler.access.tables import Account, RoleGrant
from scheduler.exchange.imports.importer import CountyPlan, load_county, parse_county
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.organisation import directory
from server.app import ROOT, Coordinator, DemoPlan
from server.config.settings import Settings
from server.demo.lessons import DemoLessons, load_cast
from server.demo.terminals import DemoFolder, DemoProcess, enrol
from server.process.files import write_whole
from server.process.keys import open_keyring
from web.kit.services import DemoAccount

MARK = "county"

ROLE_NAMES = {
    Role.COUNTY_ADMIN: "县管理员",
    Role.COMMUNITY_ADMIN: "教共体管理员",
    Role.SCHOOL_ADMIN: "学校管理员",
    Role.TEACHER: "主讲教师",
    Role.ASSISTANT: "听讲端教师",
    Role.SUPERVISOR: "督导",
}


class Demo:
    """Prepares the database before the start and the lesson after it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = DemoFolder(settings.data.directory / "demo")

    async def prepare(self, db: Database) -> DemoPlan:
        """Load the county into an empty database; return what to do after the start."""
        county = parse_county(
            self._settings.demo.county_file.read_text("utf-8"), allow_passwords=True
        )
        async with db.read() as session:
            is_empty = await directory.the_county(session) is None
        if is_empty:
            seal = open_keyring(self._settings.data.directory / "keys").seal
            await load_county(db, system_clock(), county, None, seal=seal)
            self._folder.prepare()
            write_whole(self._folder.path / MARK, county.file.county.code)
        elif not await holds_demo(db, self._settings):
            return DemoPlan()
        return DemoPlan(accounts_of(county), self._start)

    async def _start(self, coordinator: Coordinator) -> None:
        settings, services = self._settings, coordinator.services
        self._folder.prepare()
        actor = await _administrator(services.db)
        teachers = await _teachers(services.db)
        cast = await load_cast(services, teachers, settings.demo.classrooms)
        await enrol(services, actor, cast.rooms, self._folder)
        process = DemoProcess(self._folder, ROOT)
        coordinator.stack.push_async_callback(process.end)
        coordinator.background.start("demo terminals", process.run())
        length = timedelta(minutes=settings.demo.lesson_minutes)
        lessons = DemoLessons(services, actor, cast, length)
        coordinator.background.start("demo lessons", lessons.run())
        print(welcome(services.settings.public_url, services.settings.demo_accounts), flush=True)


def accounts_of(county: CountyPlan) -> tuple[DemoAccount, ...]:
    """Return the accounts of a demo file with what each is, for the box and the sign-in page."""
    names = {person.code: person.name for person in county.file.person}
    return tuple(
        DemoAccount(
            account.login,
            account.password,
            " · ".join([names[account.person], *(ROLE_NAMES[g.role] for g in account.grants)]),
        )
        for account in county.file.account
    )


async def holds_demo(db: Database, settings: Settings) -> bool:
    """Whether this database is one that the demo filled."""
    mark = _marked(settings.data.directory / "demo" / MARK)
    if not mark:
        return False
    async with db.read() as session:
        county = await directory.the_county(session)
    return county is not None and county.code == mark


def _marked(file: Path) -> str:
    """Return the code of the county that the demo loaded; empty when it never did."""
    return file.read_text("utf-8").strip() if file.exists() else ""


def welcome(url: str, accounts: Sequence[DemoAccount]) -> str:
    """Return the box that greets whoever started the demo."""
    width = max((_width(account.login) for account in accounts), default=0)
    lines = [
        "同课 Tongke · 演示 demo",
        "",
        f"网页 pages          {url}/",
        f"教室终端 terminal   {url}/terminal",
        "",
        "账号 accounts (login / password):",
        *(
            f"  {a.login}{' ' * (width - _width(a.login))}   {a.password}   {a.note}"
            for a in accounts
        ),
        "",
        "演示课一节接一节，约 20 秒内就有一节在上。 One demo lesson is live within about 20 s.",
        "Ctrl-C 结束 ends everything.",
    ]
    inner = max(map(_width, lines))
    rule = "─" * (inner + 2)
    rows = [f"│ {line}{' ' * (inner - _width(line))} │" for line in lines]
    return "\n".join(["", f"┌{rule}┐", *rows, f"└{rule}┘", ""])


def _width(text: str) -> int:
    """Return how many columns of a text terminal `text` takes; Chinese takes two each."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


async def _administrator(db: Database) -> Actor:
    now = system_clock()
    query = (
        select(col(RoleGrant.account_id))
        .where(col(RoleGrant.role) == Role.COUNTY_ADMIN)
        .order_by(col(RoleGrant.account_id))
        .limit(1)
    )
    async with db.read() as session:
        account_id = (await session.execute(query)).scalar_one()
        return await load_actor(session, account_id, now)


async def _teachers(db: Database) -> frozenset[str]:
    query = (
        select(col(Account.person_id))
        .join(RoleGrant, col(RoleGrant.account_id) == col(Account.id))
        .where(col(RoleGrant.role) == Role.TEACHER)
    )
    async with db.read() as session:
        return frozenset((await session.execute(query)).scalars())
