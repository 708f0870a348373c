"""Reading the audit trail, newest first: the events that somebody caused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.tables import Account
from scheduler.events.kinds import BY_ITSELF
from scheduler.events.tables import EventRow
from scheduler.organisation.tables import Person


@dataclass(frozen=True, slots=True)
class AuditView:
    """One event. `who` is the person's name, empty when the system itself acted.

    `before` and `after` say the rest: moments as ISO strings (starts_at), counts, a reason.
    """

    number: int
    at: datetime
    who: str
    login: str
    action: str
    object_id: str
    summary: str
    address: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """`total` counts all events that fit, `events` holds those of the page."""

    events: tuple[AuditView, ...]
    total: int


async def audit_events(
    session: AsyncSession,
    starts_at: datetime,
    ends_at: datetime,
    *,
    action: str = "",
    text: str = "",
    limit: int = 100,
    offset: int = 0,
) -> AuditPage:
    """Return the events in [starts_at, ends_at).

    `action` is a beginning, e.g. "terminal."; `text` is looked for in person, login, object and
    summary.
    """
    where = [
        col(EventRow.at) >= starts_at,
        col(EventRow.at) < ends_at,
        col(EventRow.kind).not_in(BY_ITSELF),
    ]
    if action:
        where.append(col(EventRow.kind).startswith(action, autoescape=True))
    if text:
        places = (Person.name, Account.login, EventRow.object_id, EventRow.summary)
        where.append(or_(*(col(place).contains(text, autoescape=True) for place in places)))
    joined = (
        select(EventRow, col(Person.name), col(Account.login))
        .outerjoin(Account, col(Account.id) == col(EventRow.account_id))
        .outerjoin(Person, col(Person.id) == col(Account.person_id))
        .where(*where)
    )
    total = await session.scalar(select(func.count()).select_from(joined.subquery()))
    newest = joined.order_by(col(EventRow.number).desc()).limit(limit)
    rows = (await session.execute(newest.offset(offset))).all()
    return AuditPage(tuple(_view(*row) for row in rows), total or 0)


def _view(row: EventRow, name: str | None, login: str | None) -> AuditView:
    return AuditView(
        row.number or 0,
        row.at,
        name or "",
        login or "",
        row.kind,
        row.object_id,
        row.summary,
        row.address,
        row.before,
        row.after,
    )
