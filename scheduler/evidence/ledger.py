"""The ledger: facts are added, never changed, in one transaction with the reader's position.

Facts are known by (node, boot, peer, kind, start). Reading a journal again gives facts that are
there already, or the same evidence cut elsewhere: of a fact that begins like a known one but ends
later only the rest is added, so the union of the ledger is the union of whatever was read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import delete, event, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.evidence.chain import GENESIS, first_broken, next_digest
from scheduler.evidence.intervals import NewFact
from scheduler.evidence.span_builder import SpanBuilder
from scheduler.evidence.tables import AttendanceFact, FactKind, JournalPosition, LessonFigures
from scheduler.kernel.database import Database
from scheduler.kernel.ids import new_id
from scheduler.kernel.locks import hold

__all__ = [
    "ChainCheck",
    "LedgerError",
    "NewFact",
    "append",
    "held_lessons",
    "open_facts",
    "position",
    "resume",
    "verify_chain",
]

FactKey = tuple[str, str, FactKind, datetime]  # boot, peer, kind, start

PEERS_AT_ONCE = 400
"""Bound variables in one query stay far below SQLite's limit of 32,766."""

TICK = timedelta(milliseconds=1)
"""The resolution of a journal's times."""


class LedgerError(Exception):
    """the ledger is append-only: a fact cannot be changed"""


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """`broken_at` is the first position that does not fit, None for a sound chain."""

    lesson_id: str
    facts: int
    broken_at: int | None
    digest: str


async def append(
    db: Database,
    node_id: str,
    position: int,
    facts: Sequence[NewFact],
    state: Mapping[str, object] | None = None,
) -> int:
    """Add facts and set the node's journal position (a sequence number); return how many are new.

    `state` is the builder's `snapshot()` right after the flush that gave `facts`; None keeps
    what is stored. All or nothing, and any number of processes may call it.
    """

    async def work(session: AsyncSession) -> int:
        lessons = sorted({fact.lesson_id for fact in facts})
        await hold(session, f"journal:{node_id}", *(f"facts:{lesson}" for lesson in lessons))
        known = await _known(session, node_id, facts)
        fresh = [new for fact in facts if (new := unknown_part(fact, known)) is not None]
        rows = await _chained(session, node_id, fresh)
        if rows:
            await session.execute(insert(AttendanceFact), rows)
            grown = {row["lesson_id"] for row in rows}
            await session.execute(
                delete(LessonFigures).where(col(LessonFigures.lesson_id).in_(grown))
            )
        await _set_position(session, node_id, position, state)
        return len(rows)

    return await db.transact(work)


async def position(db: Database, node_id: str) -> int:
    """Return up to which sequence number the journal of a node is in the ledger; 0 for none."""
    async with db.read() as session:
        row = await session.get(JournalPosition, node_id)
        return 0 if row is None else row.seq


async def resume(db: Database, node_id: str) -> tuple[int, SpanBuilder]:
    """Return the position of a node's journal and the builder as it was there."""
    async with db.read() as session:
        row = await session.get(JournalPosition, node_id)
        return (0, SpanBuilder()) if row is None else (row.seq, SpanBuilder.restore(row.state))


async def open_facts(session: AsyncSession, lesson_ids: Collection[str]) -> list[NewFact]:
    """Return the evidence that readers hold back (`SpanBuilder.flush`) and the ledger lacks yet."""
    return [fact for fact in await _held(session) if fact.lesson_id in lesson_ids]


async def held_lessons(session: AsyncSession) -> frozenset[str]:
    """Return the lessons of whose evidence readers hold back a part."""
    return frozenset(fact.lesson_id for fact in await _held(session))


async def _held(session: AsyncSession) -> list[NewFact]:
    found = await session.execute(select(JournalPosition))
    return [
        fact for row in found.scalars() for fact in SpanBuilder.restore(row.state).flush(row.seq)
    ]


async def verify_chain(db: Database, lesson_id: str) -> ChainCheck:
    """Compute the chain of a lesson anew and name the first position that does not fit."""
    async with db.read() as session:
        found = await session.execute(
            select(AttendanceFact)
            .where(col(AttendanceFact.lesson_id) == lesson_id)
            .order_by(col(AttendanceFact.position))
        )
        facts = found.scalars().all()
    digest = facts[-1].digest if facts else GENESIS
    return ChainCheck(lesson_id, len(facts), first_broken(facts), digest)


async def _known(
    session: AsyncSession, node_id: str, facts: Sequence[NewFact]
) -> dict[FactKey, datetime]:
    """Return the end of every stored fact that one of `facts` could begin like."""
    known: dict[FactKey, datetime] = {}
    peers = sorted({fact.peer for fact in facts})
    for at in range(0, len(peers), PEERS_AT_ONCE):
        found = await session.execute(
            select(
                col(AttendanceFact.boot),
                col(AttendanceFact.peer),
                col(AttendanceFact.kind),
                col(AttendanceFact.starts_at),
                col(AttendanceFact.ends_at),
            ).where(
                col(AttendanceFact.node_id) == node_id,
                col(AttendanceFact.boot).in_({fact.boot for fact in facts}),
                col(AttendanceFact.peer).in_(peers[at : at + PEERS_AT_ONCE]),
                col(AttendanceFact.starts_at) >= min(fact.starts_at for fact in facts),
            )
        )
        known |= {(boot, peer, kind, start): end for boot, peer, kind, start, end in found}
    return known


def unknown_part(fact: NewFact, known: dict[FactKey, datetime]) -> NewFact | None:
    """Return what of `fact` is not `known` yet (start -> end by key), and note it. Pure."""
    start = fact.starts_at
    while (end := known.get((fact.boot, fact.peer, fact.kind, start))) is not None:
        if end >= fact.ends_at:
            return None
        start = max(end, start + TICK)
    known[fact.boot, fact.peer, fact.kind, start] = fact.ends_at
    return replace(fact, starts_at=start)


async def _chained(
    session: AsyncSession, node_id: str, facts: Sequence[NewFact]
) -> list[dict[str, Any]]:
    """Return the rows of new facts, each lesson's chain continued."""
    heads: dict[str, tuple[int, str]] = {}
    rows: list[dict[str, Any]] = []
    for fact in facts:
        if fact.lesson_id not in heads:
            heads[fact.lesson_id] = await _head(session, fact.lesson_id)
        place, previous = heads[fact.lesson_id]
        row = _row(node_id, fact, place + 1)
        row["digest"] = next_digest(previous, row)
        heads[fact.lesson_id] = place + 1, row["digest"]
        rows.append(row)
    return rows


async def _head(session: AsyncSession, lesson_id: str) -> tuple[int, str]:
    found = await session.execute(
        select(col(AttendanceFact.position), col(AttendanceFact.digest))
        .where(col(AttendanceFact.lesson_id) == lesson_id)
        .order_by(col(AttendanceFact.position).desc())
        .limit(1)
    )
    row = found.one_or_none()
    return (0, GENESIS) if row is None else (row[0], row[1])


def _row(node_id: str, fact: NewFact, place: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "lesson_id": fact.lesson_id,
        "room_id": fact.room_id,
        "subject": fact.subject,
        "role": fact.role,
        "node_id": node_id,
        "boot": fact.boot,
        "seq": fact.seq,
        "peer": fact.peer,
        "kind": fact.kind,
        "starts_at": fact.starts_at,
        "ends_at": fact.ends_at,
        "data": dict(fact.data),
        "position": place,
    }


async def _set_position(
    session: AsyncSession, node_id: str, seq: int, state: Mapping[str, object] | None
) -> None:
    row = await session.get(JournalPosition, node_id)
    if row is None:
        row = JournalPosition(node_id=node_id)
        session.add(row)
    row.seq = seq
    if state is not None:
        row.state = dict(state)


@event.listens_for(AttendanceFact, "before_update")
def _refuse_update(_mapper: object, _connection: object, _fact: AttendanceFact) -> NoReturn:
    raise LedgerError
