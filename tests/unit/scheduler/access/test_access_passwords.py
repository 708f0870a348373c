import asyncio
import time

import pytest

from scheduler.access.passwords import (
    check_strength,
    hash_password,
    verify_nobody,
    verify_password,
)

GOOD = "correct horse 雷州"


async def test_a_password_fits_its_own_hash_only() -> None:
    stored = await hash_password(GOOD)
    assert stored.startswith("$argon2id$")
    assert await verify_password(stored, GOOD)
    assert not await verify_password(stored, GOOD + " ")
    assert await hash_password(GOOD) != stored


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$broken", "$2b$12$abc"])
async def test_a_malformed_hash_matches_nothing(stored: str) -> None:
    assert not await verify_password(stored, GOOD)
    assert not await verify_password(stored, "")


async def test_the_longest_password_fits_and_a_longer_one_never_does() -> None:
    longest = "abcdefgh" * 32
    stored = await hash_password(longest)
    assert await verify_password(stored, longest)
    assert not await verify_password(await hash_password(longest + "x"), longest + "x")


async def test_hashing_leaves_the_loop_free() -> None:
    hashes = asyncio.gather(*(hash_password(GOOD) for _ in range(6)))
    turns = 0
    while not hashes.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert len(set(await hashes)) == 6
    assert turns > 12, "hashed on the loop, six hashes would leave it a turn each"


async def test_an_unknown_login_costs_what_a_known_one_costs() -> None:
    stored = await hash_password(GOOD)
    await verify_nobody("warm up")

    async def seconds(work: object) -> float:
        start = time.process_time()
        await work  # type: ignore[misc]
        return time.process_time() - start

    known = min([await seconds(verify_password(stored, "wrong")) for _ in range(3)])
    nobody = min([await seconds(verify_nobody("wrong")) for _ in range(3)])
    too_long = min([await seconds(verify_password(stored, "x" * 1000)) for _ in range(3)])
    assert 0.5 < nobody / known < 2
    assert 0.5 < too_long / known < 2


@pytest.mark.parametrize(
    ("plain", "login", "answer"),
    [
        ("short", "", "密码至少需要 10 个字符"),
        ("x" * 257, "", "密码过长"),
        ("abcdefghi", "", "密码至少需要 10 个字符"),
        ("abcdefghij", "", None),
        ("abcd" * 64, "", "密码中不同的字符太少"),
        ("abcde" * 51 + "a", "", None),
        ("abcde" * 51 + "ab", "", "密码过长"),
        ("aaaaaaaaaaaa", "", "密码中不同的字符太少"),
        ("Wangfang-2026!", "wangfang", "密码不能包含登录名"),
        (GOOD, "wangfang", None),
    ],
)
def test_what_is_wrong_with_a_new_password(plain: str, login: str, answer: str | None) -> None:
    assert check_strength(plain, login) == answer
