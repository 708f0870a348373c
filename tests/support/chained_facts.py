"""Rows of the attendance ledger for bulk inserts, chained as the ledger does it."""

from datetime import datetime
from typing import Any

from scheduler.evidence.chain import GENESIS, next_digest
from scheduler.evidence.tables import FactKind
from scheduler.kernel.ids import new_id

Row = dict[str, Any]
"""A row by the names of its columns."""


class ChainedFacts:
    """Adds rows of one lesson, each with the digest that the ledger would have given it."""

    def __init__(self, rows: list[Row], lesson_id: str) -> None:
        self._rows, self._lesson_id = rows, lesson_id
        self._place, self._digest = 0, GENESIS

    def add(
        self,
        room_id: str,
        role: str,
        peer: str,
        seq: int,
        kind: FactKind,
        start: datetime,
        end: datetime,
    ) -> None:
        self._place += 1
        row: Row = {
            "id": new_id(),
            "lesson_id": self._lesson_id,
            "room_id": room_id,
            "subject": f"room:{room_id}",
            "role": role,
            "node_id": "n1",
            "boot": "bench",
            "seq": seq,
            "peer": peer,
            "kind": kind,
            "starts_at": start,
            "ends_at": end,
            "data": {},
            "position": self._place,
        }
        self._digest = row["digest"] = next_digest(self._digest, row)
        self._rows.append(row)
