"""The node's HTTP port with real connections, in process and with short limits."""

import asyncio

from media.httpd.connections import Bounds
from tests.support.httpport import (
    GET,
    OK,
    SERVED,
    SWITCHED,
    UPGRADE,
    ends_within,
    port,
    status_line,
)
from tests.support.standstill import Stopwatch
from tests.support.waiting import within


async def test_a_source_that_holds_its_share_is_turned_away_until_one_ends() -> None:
    async with port(Bounds(100, 2)) as door:
        kept = [await door.connect(UPGRADE) for _ in range(2)]
        assert [await status_line(ends) for ends in kept] == [SWITCHED] * 2
        assert await door.answer() == b""
        assert (door.figure("connections"), door.figure("refused_total")) == (2, 1)
        kept[0][1].close()
        await kept[0][1].wait_closed()
        await asyncio.sleep(0.1)
        assert await door.answer() == OK


async def test_half_open_requests_of_a_source_keep_nobody_behind_it_out() -> None:
    async with port(Bounds(400, 100)) as door:
        living = await door.connect(UPGRADE)
        assert await status_line(living) == SWITCHED
        half_open = [await door.connect(GET[:-2]) for _ in range(250)]
        assert [await door.answer() for _ in range(20)] == [OK] * 20
        assert door.figure("connections") <= 100
        assert door.figure("refused_total") >= 250 - 100
        assert not await ends_within(living, 0.2)
        assert await ends_within(half_open[0], 1)


async def test_a_body_that_trickles_does_not_hold_its_connection() -> None:
    async with port(Bounds(9, 9, first_request=1.0, body=6.0)) as door:
        head = b"POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
        slow, late = await door.connect(head), await door.connect(head)
        await asyncio.sleep(2.5)
        late[1].write(b"1234")
        assert await status_line(late) == OK
        assert await ends_within(slow, 20)
        assert door.figure("overdue_total") == 1


async def test_files_are_served_through_the_guard() -> None:
    async with port(Bounds(9, 9)) as door:
        ends = await door.connect(b"GET /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        async with within(5, "the file"):
            answer = await ends[0].read()
        assert answer.endswith(b"\r\n\r\n" + SERVED.read_bytes())


async def test_a_proxy_of_ours_may_hold_them_all() -> None:
    async with port(Bounds(8, 2), "127.0.0.0/8") as door:
        kept = [await door.connect(GET) for _ in range(8)]
        assert [await status_line(ends) for ends in kept] == [OK] * 8


async def test_a_full_port_still_opens_for_who_asks_something() -> None:
    async with port(Bounds(20, 40)) as door:
        silent = [await door.connect() for _ in range(20)]
        asking = [await door.connect(GET) for _ in range(5)]
        assert [await status_line(ends) for ends in asking] == [OK] * 5
        assert [await ends_within(ends, 1) for ends in silent[:5]] == [True] * 5
        assert not await ends_within(silent[5], 0.2)


async def test_a_head_that_trickles_does_not_hold_its_connection() -> None:
    async with port(Bounds(9, 9, first_request=1.0)) as door:
        reader, writer = await door.connect()
        watch = Stopwatch()
        for byte in GET[:-1]:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.1)
            if reader.at_eof() or reader.exception() is not None:
                break
        assert 0.9 < watch.seconds < watch.allows(2.5)
        assert door.figure("overdue_total") == 1


async def test_one_that_has_asked_may_rest_longer_but_not_for_ever() -> None:
    async with port(Bounds(9, 9, first_request=0.5, idle=2.5)) as door:
        ends = await door.connect(GET)
        await ends[0].readuntil(b"hello")
        assert not await ends_within(ends, 1.5)
        ends[1].write(GET)
        async with within(1, "a second answer"):
            await ends[0].readuntil(b"hello")
        assert await ends_within(ends, 5)


async def test_a_socket_is_at_work_as_long_as_it_lasts() -> None:
    async with port(Bounds(9, 9, first_request=0.3, idle=0.3)) as door:
        ends = await door.connect(UPGRADE)
        async with within(1, "the upgrade"):
            await ends[0].readuntil(b"\r\n\r\n")
        assert not await ends_within(ends, 2)


async def test_who_takes_nothing_of_what_he_asked_for_is_let_go() -> None:
    async with port(Bounds(9, 9, stuck=0.5)) as door:
        _reader, writer = await door.connect(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(0.3)
        assert door.figure("connections") == 1
        await asyncio.sleep(2)
        assert (door.figure("connections"), door.figure("overdue_total")) == (0, 1)
