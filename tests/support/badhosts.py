"""Recording hosts that go wrong: they hang, talk nonsense, send on and on, or send elsewhere."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Take everything and say nothing."""
    await reader.read(-1)


async def talk_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)
    writer.write(random.Random(1).randbytes(100_000))
    await writer.drain()


async def trickle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say a letter a second, for ever: no single wait is long."""
    while True:
        writer.write(b"R")
        await writer.drain()
        await asyncio.sleep(1)


async def promise_much(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Announce a description of two gigabytes, and begin to send it."""
    await _promise(reader, writer)
    while True:
        writer.write(bytes(1000))
        await writer.drain()
        await asyncio.sleep(0.01)


async def keep_promise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Announce as much, and send it as fast as it is taken."""
    await _promise(reader, writer)
    megabyte = bytes(1 << 20)
    while True:
        writer.write(megabyte)
        await writer.drain()


async def _promise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2000000000\r\n\r\n")


def redirect(port: Callable[[], int], pause: float = 0.0) -> Handler:
    """Return a host that sends whoever asks to another port of this machine."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            text = (await reader.readuntil(b"\r\n\r\n")).decode()
            (number,) = (line for line in text.split("\r\n") if line.lower().startswith("cseq"))
            await asyncio.sleep(pause)
            place = f"Location: rtsp://127.0.0.1:{port()}/live"
            writer.write(f"RTSP/1.0 302 Found\r\n{number}\r\n{place}\r\n\r\n".encode())
            await writer.drain()

    return handle


@asynccontextmanager
async def serving(handler: Handler, port: int = 0) -> AsyncIterator[int]:
    """Serve such a host; yield its port."""
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
