"""Writing to the audit trail. The event commits or falls together with what it tells."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.events.tables import AuditEvent


def record(
    session: AsyncSession,
    now: datetime,
    actor_id: str | None,
    action: str,
    object_id: str = "",
    summary: str = "",
    *,
    address: str = "",
    data: Mapping[str, object] | None = None,
) -> None:
    """Add one event to the session's transaction.

    `actor_id` is the account, None for the system itself. `action` reads "object.verb", e.g.
    "lesson.book". `address` must be masked already; `summary` holds no personal data.
    """
    session.add(
        AuditEvent(
            at=now,
            account_id=actor_id,
            action=action,
            object_id=object_id,
            summary=summary,
            address=address,
            data=dict(data or {}),
        )
    )
