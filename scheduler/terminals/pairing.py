"""A terminal that waits: it shows a code, and holds a secret that becomes its device token.

Only hashes are stored.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access import ratelimit
from scheduler.access.ratelimit import Limit
from scheduler.kernel.database import Database
from scheduler.kernel.errors import NotFound, Refusal
from scheduler.kernel.races import losing_a_race
from scheduler.organisation import directory
from scheduler.terminals.shapes import Pairing, PairingStatus, PendingPairing
from scheduler.terminals.tables import PairingCode, Terminal

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0/O, 1/I/L: the code is read from a wall screen and typed by hand."""


CODE_LENGTH = 6


CODE_LIFETIME = timedelta(minutes=15)


KEEP_EXPIRED = timedelta(days=1)
"""A code that nobody approved is forgotten this long after its end; its terminal drew another."""


USER_AGENT_LENGTH = 300


def hash_token(token: str) -> str:
    """Return the SHA-256 of a token in hex; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


PAIRINGS = Limit(200, timedelta(minutes=10))
"""Codes a source: a county's 62 rooms may share one, each renewing its code in 15 min."""


class TooManyPairings(Refusal):
    """too many pairings were begun from here"""


async def begin_pairing(
    db: Database, now: datetime, user_agent: str, address: str, source: str | None = None
) -> Pairing:
    """Make a code for a terminal that asks.

    `address` is masked and stored. `source` is what tries are counted by, None for a terminal of
    our own; of it a digest is stored. Raises TooManyPairings.
    """

    async def work(session: AsyncSession) -> Pairing:
        if source is not None and not await _is_allowed(session, now, source):
            raise TooManyPairings
        await _forget_expired(session, now)
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
        session.add(row)
        with losing_a_race():  # the code may be in use: then another is drawn
            await session.flush()
        return Pairing(row.id, code, secret, row.expires_at)

    return await db.transact(work)


async def _is_allowed(session: AsyncSession, now: datetime, source: str) -> bool:
    return await ratelimit.count(session, ratelimit.bucket("pair", source), now, PAIRINGS)


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


async def waiting_pairing(session: AsyncSession, now: datetime, code: str) -> PairingCode:
    query = select(PairingCode).where(
        col(PairingCode.code) == code.strip().upper(),
        col(PairingCode.terminal_id).is_(None),
        col(PairingCode.expires_at) > now,
    )
    row = (await session.execute(query)).scalar()
    if row is None:
        raise NotFound("no terminal waits with this code")
    return row


async def use_up(session: AsyncSession, pairing: PairingCode, terminal_id: str) -> None:
    """Use the code up; of two admins who approve it at once, the second finds it gone."""
    taken = await session.execute(
        update(PairingCode)
        .where(col(PairingCode.id) == pairing.id, col(PairingCode.terminal_id).is_(None))
        .values(terminal_id=terminal_id)
        .returning(col(PairingCode.id))
    )
    if taken.scalar() is None:
        raise NotFound("no terminal waits with this code")
