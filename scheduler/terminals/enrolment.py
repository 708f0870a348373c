"""A terminal becomes the device of a room: it shows a code, an admin approves, it holds a secret.

The secret that the terminal got with its code is, once approved, its device token. Only hashes
are stored, and a live room has one terminal: a second one needs `replace=True`, which revokes
the first.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.events.trail import record
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Forbidden, NotFound, Refusal
from scheduler.organisation import directory
from scheduler.organisation.enums import TerminalState
from scheduler.organisation.shapes import Pairing, PairingStatus, PendingPairing, TerminalView
from scheduler.organisation.tables import PairingCode, Terminal

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0/O, 1/I/L: the code is read from a wall screen and typed by hand."""

CODE_LENGTH = 6
CODE_LIFETIME = timedelta(minutes=15)
CODE_TRIES = 5
KEEP_EXPIRED = timedelta(days=1)
"""A code that nobody approved is forgotten this long after its end; its terminal drew another."""

USER_AGENT_LENGTH = 300


class RoomOccupied(Refusal):
    """this room has a terminal already"""

    def __init__(self, terminal: TerminalView) -> None:
        super().__init__()
        self.terminal = terminal


def hash_token(token: str) -> str:
    """Return the SHA-256 of a token in hex; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


async def begin_pairing(db: Database, now: datetime, user_agent: str, address: str) -> Pairing:
    """Make a code for a terminal that asks; `address` is masked. Limit the rate before this."""
    for _ in range(CODE_TRIES):
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        secret = secrets.token_urlsafe(32)
        row = PairingCode(
            code=code,
            secret_hash=hash_token(secret),
            user_agent=user_agent[:USER_AGENT_LENGTH],
            address=address,
            created_at=now,
            expires_at=now + CODE_LIFETIME,
        )
        try:
            async with db.write() as session:
                await _forget_expired(session, now)
                session.add(row)
        except IntegrityError:
            continue  # the code is in use: draw another
        return Pairing(row.id, code, secret, row.expires_at)
    raise RuntimeError("no free pairing code found")


async def _forget_expired(session: AsyncSession, now: datetime) -> None:
    await session.execute(
        delete(PairingCode).where(
            col(PairingCode.terminal_id).is_(None),
            col(PairingCode.expires_at) < now - KEEP_EXPIRED,
        )
    )


async def pairing_status(
    db: Database, now: datetime, pairing_id: str, secret: str
) -> PairingStatus:
    """Tell a waiting terminal how it stands; raise NotFound unless id and secret fit."""
    async with db.read() as session:
        row = await session.get(PairingCode, pairing_id)
        if row is None or not hmac.compare_digest(row.secret_hash, hash_token(secret)):
            raise NotFound("no such pairing")
        if row.terminal_id is None:
            return PairingStatus("expired" if row.expires_at <= now else "waiting", None)
        terminal = await session.get_one(Terminal, row.terminal_id)
        if terminal.revoked_at is not None:
            return PairingStatus("expired", None)
        return PairingStatus("approved", await directory.room(session, terminal.room_id))


async def pending_pairings(db: Database, now: datetime) -> list[PendingPairing]:
    """Return the terminals that wait for approval, newest first."""
    query = (
        select(PairingCode)
        .where(col(PairingCode.terminal_id).is_(None), col(PairingCode.expires_at) > now)
        .order_by(col(PairingCode.created_at).desc())
    )
    async with db.read() as session:
        return [
            PendingPairing(
                row.id, row.code, row.user_agent, row.address, row.created_at, row.expires_at
            )
            for row in (await session.execute(query)).scalars()
        ]


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
        pairing = await _waiting(session, now, code)
        await _clear_room(session, now, actor, room_id, replace)
        terminal = Terminal(
            room_id=room_id,
            name=name or place.name,
            token_hash=pairing.secret_hash,
            approved_by=actor.account_id,
            approved_at=now,
        )
        session.add(terminal)
        await session.flush()
        await _take(session, pairing, terminal.id)
        record(session, now, actor.account_id, "terminal.approve", terminal.id, place.full_name)
        return directory.terminal_view(terminal, place)

    try:
        return await db.transact(work)
    except IntegrityError:  # another admin gave the room a terminal meanwhile: look again
        return await db.transact(work)


async def _waiting(session: AsyncSession, now: datetime, code: str) -> PairingCode:
    query = select(PairingCode).where(
        col(PairingCode.code) == code.strip().upper(),
        col(PairingCode.terminal_id).is_(None),
        col(PairingCode.expires_at) > now,
    )
    row = (await session.execute(query)).scalar()
    if row is None:
        raise NotFound("no terminal waits with this code")
    return row


async def _take(session: AsyncSession, pairing: PairingCode, terminal_id: str) -> None:
    """Use the code up; of two admins who approve it at once, the second finds it gone."""
    taken = await session.execute(
        update(PairingCode)
        .where(col(PairingCode.id) == pairing.id, col(PairingCode.terminal_id).is_(None))
        .values(terminal_id=terminal_id)
        .returning(col(PairingCode.id))
    )
    if taken.scalar() is None:
        raise NotFound("no terminal waits with this code")


async def _clear_room(
    session: AsyncSession, now: datetime, actor: Actor, room_id: str, replace: bool
) -> None:
    query = select(Terminal).where(
        col(Terminal.room_id) == room_id, col(Terminal.revoked_at).is_(None)
    )
    for old in (await session.execute(query)).scalars():
        place = await directory.room(session, room_id)
        if not replace:
            raise RoomOccupied(directory.terminal_view(old, place))
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
        return directory.terminal_view(terminal, place)

    return await db.transact(work)


def _revoke(
    session: AsyncSession, now: datetime, actor: Actor, terminal: Terminal, where: str
) -> None:
    terminal.revoked_at = now
    terminal.state = TerminalState.OFFLINE
    record(session, now, actor.account_id, "terminal.revoke", terminal.id, where)


async def terminal_of_token(session: AsyncSession, token: str) -> TerminalView | None:
    """Return the live terminal that holds this device token; None when unknown or revoked."""
    query = select(Terminal).where(
        col(Terminal.token_hash) == hash_token(token), col(Terminal.revoked_at).is_(None)
    )
    row = (await session.execute(query)).scalar()
    if row is None:
        return None
    return directory.terminal_view(row, await directory.room(session, row.room_id))


async def report_state(
    db: Database,
    now: datetime,
    terminal_id: str,
    state: TerminalState,
    detail: dict[str, object],
) -> None:
    """Keep what a terminal says of itself; a revoked one is no longer listened to."""
    async with db.write() as session:
        await session.execute(
            update(Terminal)
            .where(col(Terminal.id) == terminal_id, col(Terminal.revoked_at).is_(None))
            .values(state=state, detail=detail, last_seen_at=now)
        )
