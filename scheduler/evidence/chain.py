"""The hash chain over the facts of a lesson. Pure.

digest(n) = SHA-256(digest(n-1) + canonical JSON of row n), the first over 64 zeros. A changed,
lost or inserted row breaks the chain at its place; a lesson whose facts expired by the retention
rule leaves its last digest.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from scheduler.evidence.tables import AttendanceFact

GENESIS = "0" * 64

CHAINED = (
    "lesson_id",
    "room_id",
    "subject",
    "role",
    "node_id",
    "boot",
    "seq",
    "peer",
    "kind",
    "starts_at",
    "ends_at",
    "data",
    "position",
)
"""The columns that the digest covers: everything but the id and the digest itself."""


def next_digest(previous: str, row: Mapping[str, object]) -> str:
    """Return the digest of `row`, which holds the CHAINED columns, after `previous`."""
    body = {name: _plain(row[name]) for name in CHAINED}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous + text).encode()).hexdigest()


def first_broken(facts: Iterable[AttendanceFact]) -> int | None:
    """Return the first position that does not fit the chain, or None. Facts by position."""
    previous = GENESIS
    for position, fact in enumerate(facts, start=1):
        row = {name: getattr(fact, name) for name in CHAINED}
        if fact.position != position or next_digest(previous, row) != fact.digest:
            return position
        previous = fact.digest
    return None


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
