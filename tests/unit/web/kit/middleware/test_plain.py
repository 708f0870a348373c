"""Requests that no database stores are refused before anybody reads them; all others are not."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from tests.support.gates import Gates, gates
from web.kit.middleware.plain import all_storable, plain, storable

MALFORMED, THROUGH = (400, "malformed"), (200, "")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def site() -> AsyncIterator[Gates]:
    async with gates(plain) as site:
        yield site


@pytest.mark.parametrize(
    ("path", "answer"),
    [("/public?a=1", THROUGH), ("/public?a=%E8%AF%BE&%E8=", THROUGH), ("/public?a=%00", MALFORMED),
     ("/public?%00=a", MALFORMED), ("/public?a=1&a=b%00", MALFORMED), ("/nowhere%00", MALFORMED),
     ("/nowhere%01", (404, ""))],
)  # fmt: skip
async def test_addresses_hold_no_zero(site: Gates, path: str, answer: tuple[int, str]) -> None:
    url = URL(str(site.client.make_url("/")).rstrip("/") + path, encoded=True)
    sent = site.client.session.get(url)
    async with sent as response:
        assert response.status == answer[0]
    assert len(site.passed) == (1 if answer == THROUGH else 0)


DECIDING = ("Authorization", "Origin", "X-CSRF-Token", "X-Forwarded-For")


async def raw(site: Gates, *lines: bytes, body: bytes = b"") -> int:
    """Send a request as it stands; return its status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.client.port)
    ends = [b"Host: x", b"Connection: close", b"Content-Length: %d" % len(body)]
    writer.write(b"\r\n".join([*lines, *ends, b"", body]))
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("name", DECIDING)
async def test_headers_that_decide_something_are_text(site: Gates, name: str) -> None:
    line = b"GET /public HTTP/1.1"
    for value, status in ((b"plain", 200), ("\u8bfe".encode(), 200), (b"\xff", 400)):
        assert await raw(site, line, name.encode() + b": " + value) == status
    twice = name.encode() + b": "
    assert await raw(site, line, twice + b"plain", twice + b"\xff") == 400
    assert await raw(site, line, b"Accept-Language: \xff") == 200


@pytest.mark.parametrize(
    ("origin", "status"), [(b"http://x", 200), (b"null", 200), (b"http://[", 400)]
)
async def test_an_origin_is_an_address(site: Gates, origin: bytes, status: int) -> None:
    assert await raw(site, b"GET /public HTTP/1.1", b"Origin: " + origin) == status


def file(name: str, content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("text", name)
    form.add_field("file", content, filename="f")
    return form


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({"a": "\u8bfe"}, THROUGH),
        ({"a": "b\0"}, MALFORMED),
        ([("a", "1"), ("a", "\0")], MALFORMED),
        (file("a", b"\0\xff"), THROUGH),  # what a file holds is its reader's concern
        (file("a\0", b"x"), MALFORMED),
    ],
)
async def test_fields_of_a_form_hold_no_zero(
    site: Gates, data: object, answer: tuple[int, str]
) -> None:
    assert await site.ask("POST", "/public", data=data) == answer
    named = {"Content-Type": FORM}
    assert await site.ask("POST", "/public", named, data=b"a%00=b") == MALFORMED
    assert len(site.passed) == (1 if answer == THROUGH else 0)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--c\r\n\r\n"),
        (f"{FORM}; charset=nonsense", b"a=b"),
        (f"{FORM}; charset=ascii", b"a=\xff"),
    ],
)
async def test_a_form_that_cannot_be_read_is_malformed(site: Gates, kind: str, body: bytes) -> None:
    head = {"Content-Type": kind}
    assert await site.ask("POST", "/public", head, data=body) == MALFORMED
    assert site.passed == []


@pytest.mark.parametrize(("method", "kind"), [("PUT", FORM), ("POST", "text/plain")])
async def test_no_other_body_is_read(site: Gates, method: str, kind: str) -> None:
    head = {"Content-Type": f"{kind}; charset=nonsense"}
    assert await site.ask(method, "/public", head, data=b"a=\0") == THROUGH


@pytest.mark.parametrize(
    ("text", "kept"),
    [("", ""), ("a\u8bfe\n", "a\u8bfe\n"), ("a\0b\0", "ab"), ("a\ud800b\udfff", "ab")],
)
def test_text_is_kept_without_what_a_database_refuses(text: str, kept: str) -> None:
    assert storable(text) == kept
    assert all_storable(["x", text]) is all_storable([text, "x"]) is (text == kept)
    assert all_storable([])
