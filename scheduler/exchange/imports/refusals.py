"""What only the database can say against a county file that is right in itself."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.tables import Account
from scheduler.exchange.imports.plan import CountyPlan, ImportProblem, ImportRefused
from scheduler.kernel.sentences import N_, say
from scheduler.organisation.tables import County


async def require_one_county(session: AsyncSession, plan: CountyPlan) -> None:
    """Raise ImportRefused when the database holds another county."""
    other = select(County).where(col(County.code) != plan.file.county.code).limit(1)
    found = (await session.execute(other)).scalar()
    if found is not None:
        text = N_("系统中已有另一个县：%(name)s（%(code)s）。")
        sentence = say(text, name=found.name, code=found.code)
        line = plan.lines.find(("county", "code"))
        raise ImportRefused((ImportProblem(line, "county.code", sentence),))


async def require_free_people(
    session: AsyncSession, plan: CountyPlan, people: Mapping[str, str]
) -> None:
    """Raise ImportRefused when a person has an account under another login; `people` maps the
    codes of persons to their ids."""
    query = select(col(Account.person_id), col(Account.login))
    logins = {person: login for person, login in await session.execute(query)}  # noqa: C416
    wrong = [
        ImportProblem(
            plan.lines.find(("account", number, "person")),
            f"account[{number + 1}].person",
            say(N_("这个人已有账号 %(login)s。"), login=logins[people[account.person]]),
        )
        for number, account in enumerate(plan.file.account)
        if logins.get(people[account.person], account.login) != account.login
    ]
    if wrong:
        raise ImportRefused(tuple(wrong))
