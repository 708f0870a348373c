"""A terminal becomes the device of a room: it shows a code, an admin approves, it holds a secret.

The secret that the terminal got with its code is, once approved, its device token. Only hashes
are stored, and a live room has one terminal: a second one needs `replace=True`, which revokes
the first.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.events.kinds import Event, EventKind
from scheduler.events.topics import room_topic, terminal_topic
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Forbidden, NotFound, Refusal
from scheduler.kernel.races import losing_a_race
from scheduler.organisation import directory
from scheduler.terminals.pairing import hash_token, use_up, waiting_pairing
from scheduler.terminals.shapes import TerminalView
from scheduler.terminals.states import (
    TerminalEvent,
    TerminalState,
    next_terminal_state,
    reported_state,
)
from scheduler.terminals.tables import Terminal
from scheduler.terminals.views import terminal_view


class RoomOccupied(Refusal):
    """this room has a terminal already"""

    def __init__(self, terminal: TerminalView) -> None:
        super().__init__()
        self.terminal = terminal


async def approve_pairing(
    db: Database,
    now: datetime,
    actor: Actor,
    code: str,
    room_id: str,
    *,
    name: str = "",
    replace: bool = False,
) -> TerminalView:
    """Make the terminal that shows `code` the device of the room.

    Raises NotFound (no such waiting code or active room), Forbidden (the room is not theirs),
    RoomOccupied (it has a terminal and `replace` is false; true revokes that one).
    """

    async def work(session: AsyncSession) -> TerminalView:
        place = await directory.room(session, room_id)
        if not actor.may(Action.TERMINAL_APPROVE, place.school_id):
            raise Forbidden
        if not place.active:
            raise NotFound("this room is not in use")
        pairing = await waiting_pairing(session, now, code)
        await _clear_room(session, now, actor, room_id, replace)
        terminal = Terminal(
            room_id=room_id,
            name=name or place.name,
            token_hash=pairing.secret_hash,
            state=next_terminal_state(TerminalState.UNENROLLED, TerminalEvent.APPROVE),
            approved_by=actor.account_id,
            approved_at=now,
        )
        session.add(terminal)
        with losing_a_race():  # another admin may have given the room a terminal meanwhile
            await session.flush()
        await use_up(session, pairing, terminal.id)
        emit(session, _event(EventKind.TERMINAL_APPROVE, now, actor, terminal, place.full_name))
        return terminal_view(terminal, place)

    return await db.transact(work)


async def _clear_room(
    session: AsyncSession, now: datetime, actor: Actor, room_id: str, replace: bool
) -> None:
    query = select(Terminal).where(
        col(Terminal.room_id) == room_id, col(Terminal.revoked_at).is_(None)
    )
    for old in (await session.execute(query)).scalars():
        place = await directory.room(session, room_id)
        if not replace:
            raise RoomOccupied(terminal_view(old, place))
        _revoke(session, now, actor, old, place.full_name)
    await session.flush()


async def revoke_terminal(
    db: Database, now: datetime, actor: Actor, terminal_id: str
) -> TerminalView:
    """End a terminal's enrolment; again is harmless. Raises NotFound, Forbidden."""

    async def work(session: AsyncSession) -> TerminalView:
        terminal = await session.get(Terminal, terminal_id)
        if terminal is None:
            raise NotFound("no such terminal")
        place = await directory.room(session, terminal.room_id)
        if not actor.may(Action.TERMINAL_REVOKE, place.school_id):
            raise Forbidden
        if terminal.revoked_at is None:
            _revoke(session, now, actor, terminal, place.full_name)
        return terminal_view(terminal, place)

    return await db.transact(work)


def _revoke(
    session: AsyncSession, now: datetime, actor: Actor, terminal: Terminal, where: str
) -> None:
    terminal.revoked_at = now
    terminal.state = next_terminal_state(terminal.state, TerminalEvent.REVOKE)
    emit(session, _event(EventKind.TERMINAL_REVOKE, now, actor, terminal, where))


def _event(kind: EventKind, now: datetime, actor: Actor, terminal: Terminal, where: str) -> Event:
    return Event(
        kind=kind,
        at=now,
        topics=(room_topic(terminal.room_id), terminal_topic(terminal.id)),
        actor_id=actor.account_id,
        object_id=terminal.id,
        summary=where,
        after={"state": terminal.state.value},
    )


async def terminal_of_token(session: AsyncSession, token: str) -> TerminalView | None:
    """Return the live terminal that holds this device token; None when unknown or revoked."""
    query = select(Terminal).where(
        col(Terminal.token_hash) == hash_token(token), col(Terminal.revoked_at).is_(None)
    )
    row = (await session.execute(query)).scalar()
    if row is None:
        return None
    return terminal_view(row, await directory.room(session, row.room_id))


async def report_state(
    db: Database,
    now: datetime,
    terminal_id: str,
    reported: TerminalState,
    detail: dict[str, object],
) -> None:
    """Keep what a terminal tells of itself; a revoked one is no longer listened to.

    Raises IllegalTransition for a state that no terminal can tell.
    """

    async def work(session: AsyncSession) -> None:
        terminal = await session.get(Terminal, terminal_id, with_for_update=True)
        if terminal is None or terminal.revoked_at is not None:
            return
        terminal.state = reported_state(terminal.state, reported)
        terminal.detail, terminal.last_seen_at = detail, now

    await db.transact(work)
