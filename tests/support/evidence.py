"""Facts as a relay node would have noted them, in short words for tests."""

from datetime import datetime, timedelta

from scheduler.evidence.intervals import NewFact
from scheduler.evidence.tables import FactKind

SEEN = (
    FactKind.CONNECTED,
    FactKind.RECEIVED,
    FactKind.REPORTED,
    FactKind.SHOWN,
    FactKind.HEARD,
)
PUBLISHED = (FactKind.CONNECTED, FactKind.RECEIVED)


def facts(
    lesson_id: str,
    room_id: str,
    begin: datetime,
    start: float,
    end: float,
    *,
    role: str = "LEG",
    peer: str = "peer",
    seq: int = 1,
    kinds: tuple[FactKind, ...] | None = None,
) -> list[NewFact]:
    """Return the facts of a room that was in from `start` to `end`, minutes after `begin`."""
    wanted = kinds or (SEEN if role == "LEG" else PUBLISHED)
    return [
        NewFact(
            lesson_id,
            f"room:{room_id}",
            role,
            "boot",
            seq,
            f"{peer}-{room_id[:8]}",
            kind,
            begin + timedelta(minutes=start),
            begin + timedelta(minutes=end),
        )
        for kind in wanted
    ]
