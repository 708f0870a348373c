"""Passwords: argon2id, hashed off the event loop and a few at a time.

A hash takes about 118 ms and 64 MiB (measured on two cores), so a burst of sign-ins must neither
stop the loop nor fill the memory.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from scheduler.kernel.sentences import N_

AT_ONCE = 2
"""Hashes at the same time: 128 MiB at most."""

MIN_LENGTH, MAX_LENGTH = 10, 256
"""NIST SP 800-63B asks for 8 as a floor; 256 keeps a hash's cost bounded."""

_HASHER = PasswordHasher()
_POOL = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="argon2")


async def hash_password(plain: str) -> str:
    """Return the argon2id string of `plain` (parameters and salt inside)."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, _HASHER.hash, _bytes(plain))


async def verify_password(stored: str, plain: str) -> bool:
    """Return whether `plain` is the password of `stored`; a malformed hash matches nothing."""
    if len(plain) > MAX_LENGTH:
        await verify_nobody(plain)
        return False
    return await asyncio.get_running_loop().run_in_executor(_POOL, _matches, stored, plain)


async def verify_nobody(plain: str) -> None:
    """Spend the time of one verification, so that the time does not say whether a login exists."""
    await asyncio.get_running_loop().run_in_executor(_POOL, _miss, plain[:MAX_LENGTH])


def check_strength(plain: str, login: str = "") -> str | None:
    """Return a Chinese msgid that says what is wrong with a new password, or None."""
    if len(plain) < MIN_LENGTH:
        return N_("密码至少需要 10 个字符")
    if len(plain) > MAX_LENGTH:
        return N_("密码过长")
    if len(set(plain)) < 5:
        return N_("密码中不同的字符太少")
    if login and login.casefold() in plain.casefold():
        return N_("密码不能包含登录名")
    return None


def _matches(stored: str, plain: str) -> bool:
    try:
        return _HASHER.verify(stored, _bytes(plain))
    except (VerificationError, InvalidHashError):
        return False


def _bytes(plain: str) -> bytes:
    """A JSON body may hold half a surrogate pair: a wrong password like any other."""
    return plain.encode("utf-8", "surrogatepass")


def _miss(plain: str) -> None:
    _matches(_dummy_hash(), plain)


@cache
def _dummy_hash() -> str:
    return _HASHER.hash("nobody has this password")
