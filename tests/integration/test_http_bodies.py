"""Bodies that are packed or torn, at the port that the pages and the nodes share."""

import asyncio
import gzip
import zlib

import pytest

from media.httpd.connections import Bounds
from tests.support.httpport import port

HEAD = b"POST /size HTTP/1.1\r\nHost: x\r\n"
PACKED = gzip.compress(bytes(1 << 20))


def request(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return HEAD + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def status_of(words: bytes) -> int:
    async with port(Bounds(9, 9)) as door:
        reader, writer = await door.connect(words)
        answer = await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    return int(answer.split()[1])


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"gzip", PACKED),
        (b"deflate", zlib.compress(bytes(1 << 20))),
        (b"br", b"never looked at"),
        (b"zstd", b"never looked at"),
        (b"GZIP", PACKED),
        (b"gzip, identity", PACKED),
        (b"gzip", b"not packed at all"),
        (b"", b"1234"),
    ],
)
async def test_a_packed_body_is_refused_and_never_unpacked(
    encoding: bytes, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert await status_of(request(body, b"Content-Encoding: " + encoding)) == 415
    assert not caplog.records


@pytest.mark.parametrize("encoding", [b"identity", b"Identity"])
async def test_a_body_that_says_it_is_plain_is_taken(encoding: bytes) -> None:
    assert await status_of(request(b"1234", b"Content-Encoding: " + encoding)) == 200


async def test_two_headers_do_not_hide_the_second() -> None:
    twice = (b"Content-Encoding: identity", b"Content-Encoding: gzip")
    assert await status_of(request(PACKED, *twice)) == 415


@pytest.mark.parametrize(
    "words",
    [
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX\r\n",
        HEAD + b"Content-Length: -5\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_a_body_that_cannot_be_read_is_400_and_no_error_of_ours(
    words: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert await status_of(words) == 400
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]
