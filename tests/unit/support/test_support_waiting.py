"""tests.support.waiting: limits hold, and move by what the machine stood still."""

import asyncio
import time

import pytest

from tests.support.waiting import soon, until, within


async def never() -> bool:
    return False


async def test_a_limit_ends_the_block_with_the_sentence() -> None:
    began = time.monotonic()
    with pytest.raises(AssertionError, match=r"not within 0\.1 s.*: the bell rings"):
        async with within(0.1, "the bell rings"):
            await asyncio.sleep(10)
    assert time.monotonic() - began < 5


async def test_what_is_told_is_what_there_was_in_the_end() -> None:
    seen: list[int] = []

    async def look() -> bool:
        seen.append(1)
        return False

    with pytest.raises(AssertionError, match=r"after [2-9] looks"):
        await soon(look, 0.1, lambda: f"after {len(seen)} looks", every=0.03)


async def test_a_timeout_inside_the_block_is_not_taken_for_the_limit() -> None:
    with pytest.raises(TimeoutError):
        async with within(5, "never told"), asyncio.timeout(0.01):
            await asyncio.sleep(10)


async def test_a_standstill_moves_the_limit() -> None:
    async with within(0.2, "the rest after a standstill") as watch:
        await asyncio.sleep(0.02)
        time.sleep(0.4)  # noqa: ASYNC251 - the loop cannot run
        await asyncio.sleep(0.1)
    assert watch.seconds > 0.5


async def test_a_standstill_moves_the_limit_of_a_question_too() -> None:
    asked = 0

    def third() -> bool:
        nonlocal asked
        asked += 1
        if asked == 2:
            time.sleep(0.4)
        return asked > 3

    assert await until(third, 0.2, "a third question") > 0.4
    with pytest.raises(AssertionError, match="never"):
        await until(lambda: False, 0.1, "never")
    with pytest.raises(AssertionError, match="never"):
        await soon(never, 0.1, "never")
