"""Signing in and out: server-side sessions that can be revoked.

The cookie holds a 256-bit token, the database its SHA-256. A session ends after 12 hours without
a request, after 30 days in any case, or at sign-out.
"""

import hashlib
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.accounts import load_actor, normal_login
from scheduler.access.actor import Actor
from scheduler.access.passwords import verify_nobody, verify_password
from scheduler.access.ratelimit import Limit, bucket, note, tries, wait_for
from scheduler.access.tables import Account, Attempt, Session
from scheduler.events.kinds import Event, EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.errors import NotFound, Refusal
from scheduler.kernel.locks import hold

IDLE = timedelta(hours=12)
LIFETIME = timedelta(days=30)
TOUCH_EVERY = timedelta(minutes=1)
"""A request moves the expiry at most this often, so that pages do not queue for the writer."""

PER_LOGIN = Limit(5, timedelta(minutes=15))
PER_ADDRESS = Limit(30, timedelta(minutes=15))
"""Failed tries only: a whole school behind one address may sign in at eight o'clock."""

WRONG, WAIT = "wrong", "wait"


class SignInRefused(Refusal):
    """sign-in refused

    `reason` is "wrong" (login, password or a disabled account: never told apart) or "wait";
    `retry_after` is in whole seconds, 0 for "wrong".
    """

    def __init__(self, reason: str, retry_after: int = 0) -> None:
        super().__init__(f"sign-in refused: {reason}")
        self.reason, self.retry_after = reason, retry_after


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` goes into the cookie and is never stored; `expires_at` is the 30-day end."""

    token: str
    csrf_token: str
    actor: Actor
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Resumed:
    actor: Actor
    csrf_token: str


async def sign_in(
    db: Database, now: datetime, login: str, password: str, address: str, source: str = ""
) -> SignedIn:
    """Open a session; `address` is the client's, masked by the caller. Raise SignInRefused.

    Failed tries are counted for `source`, the whole address (kept as a hash, for a day): a masked
    one would let a single guesser lock out everybody whose address begins alike.
    """
    name = normal_login(login)
    attempts = await db.transact(lambda session: _admit(session, now, name, source or address))
    account = await _account(db, name)
    if account is None:
        await verify_nobody(password)
        matches = False
    else:
        matches = await verify_password(account.password_hash, password)
    if account is None or not matches or account.disabled:
        await db.transact(lambda session: _refuse(session, now, account, address))
        raise SignInRefused(WRONG)
    account_id = account.id
    return await db.transact(lambda session: _open(session, now, account_id, address, attempts))


async def resume(db: Database, now: datetime, token: str) -> Resumed | None:
    """Return who is behind a cookie, or None when the session is unknown, over or revoked."""
    async with db.read() as session:
        found = await session.execute(
            select(Session).where(col(Session.token_hash) == hash_token(token))
        )
        row = found.scalar_one_or_none()
        if row is None or row.revoked_at is not None or now >= row.expires_at:
            return None
        try:
            actor = await load_actor(session, row.account_id, now)
        except NotFound:  # disabled since
            return None
    if now - row.last_seen_at >= TOUCH_EVERY:
        await db.transact(lambda session: _touch(session, now, row))
    return Resumed(actor, row.csrf_token)


async def sign_out(db: Database, now: datetime, token: str) -> None:
    """End the session of a cookie; an unknown token changes nothing."""

    async def work(session: AsyncSession) -> None:
        found = await session.execute(
            select(Session).where(
                col(Session.token_hash) == hash_token(token), col(Session.revoked_at).is_(None)
            )
        )
        row = found.scalar_one_or_none()
        if row is not None:
            row.revoked_at = now
            emit(session, _event(EventKind.SESSION_END, now, row.account_id, row.id))

    await db.transact(work)


async def sign_out_everywhere(db: Database, now: datetime, account_id: str) -> None:
    """End every session of an account (a password was changed or lost)."""

    async def work(session: AsyncSession) -> None:
        await session.execute(
            update(Session)
            .where(col(Session.account_id) == account_id, col(Session.revoked_at).is_(None))
            .values(revoked_at=now)
        )
        emit(session, _event(EventKind.SESSION_END_ALL, now, account_id, account_id))

    await db.transact(work)


def hash_token(token: str) -> str:
    """Return the form in which a random token is stored (no salt: it has 256 bits)."""
    return hashlib.sha256(token.encode()).hexdigest()


def expiry(created_at: datetime, now: datetime) -> datetime:
    """Return when a session that was used at `now` ends. Pure."""
    return min(now + IDLE, created_at + LIFETIME)


async def _admit(session: AsyncSession, now: datetime, login: str, source: str) -> tuple[str, ...]:
    """Count a try for the login and for the source; return the attempts' ids."""
    buckets = ((bucket("login", login), PER_LOGIN), (bucket("address", source), PER_ADDRESS))
    await hold(session, *(name for name, _ in buckets))
    waits = [
        wait_for(await tries(session, name, now - limit.window), now, limit)
        for name, limit in buckets
    ]
    longest = max((wait for wait in waits if wait is not None), default=None)
    if longest is not None:
        raise SignInRefused(WAIT, math.ceil(longest.total_seconds()))
    return tuple([await note(session, name, now) for name, _ in buckets])


async def _account(db: Database, login: str) -> Account | None:
    async with db.read() as session:
        found = await session.execute(select(Account).where(col(Account.login) == login))
        return found.scalar_one_or_none()


async def _refuse(
    session: AsyncSession, now: datetime, account: Account | None, address: str
) -> None:
    account_id = None if account is None else account.id
    event = _event(EventKind.SESSION_REFUSED, now, account_id, account_id or "", address)
    emit(session, event)


async def _open(
    session: AsyncSession,
    now: datetime,
    account_id: str,
    address: str,
    attempts: tuple[str, ...],
) -> SignedIn:
    """Open the session, take back its own two attempts, and forget sessions long over."""
    await session.execute(delete(Attempt).where(col(Attempt.id).in_(attempts)))
    await session.execute(delete(Session).where(col(Session.expires_at) < now - LIFETIME))
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    row = Session(
        account_id=account_id,
        token_hash=hash_token(token),
        csrf_token=csrf_token,
        created_at=now,
        last_seen_at=now,
        expires_at=expiry(now, now),
    )
    session.add(row)
    await session.flush()
    emit(session, _event(EventKind.SESSION_BEGIN, now, account_id, row.id, address))
    actor = await load_actor(session, account_id, now)
    return SignedIn(token, csrf_token, actor, now + LIFETIME)


async def _touch(session: AsyncSession, now: datetime, row: Session) -> None:
    await session.execute(
        update(Session)
        .where(col(Session.id) == row.id, col(Session.last_seen_at) < now)
        .values(last_seen_at=now, expires_at=expiry(row.created_at, now))
    )


def _event(
    kind: EventKind, now: datetime, account_id: str | None, object_id: str, address: str = ""
) -> Event:
    return Event(kind=kind, at=now, actor_id=account_id, object_id=object_id, address=address)
