"""The gate against requests that another site made a browser send: each of its checks by itself."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.support.gates import TOKEN, Gates, gates
from web.kit.middleware.csrf import csrf

REFUSED, THROUGH = (403, "csrf"), (200, "")
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
GOOD = {"X-CSRF-Token": TOKEN}


@pytest.fixture
async def site() -> AsyncIterator[Gates]:
    async with gates(csrf) as site:
        yield site


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/public", "/own"])
async def test_who_only_reads_needs_no_token(site: Gates, method: str, path: str) -> None:
    assert await site.ask(method, path, {"Origin": "https://evil.example"}) == THROUGH
    assert site.passed == [f"{method} {path}"]


@pytest.mark.parametrize("method", CHANGING)
@pytest.mark.parametrize("path", ["/public", "/own"])
async def test_who_changes_something_sends_the_token(site: Gates, method: str, path: str) -> None:
    assert await site.ask(method, path) == REFUSED
    assert site.passed == [], "a refusal has done nothing"
    assert await site.ask(method, path, GOOD) == THROUGH
    assert site.passed == [f"{method} {path}"]


@pytest.mark.parametrize("method", CHANGING)
async def test_a_terminal_proves_itself_otherwise(site: Gates, method: str) -> None:
    assert await site.ask(method, "/device", {"Origin": "https://evil.example"}) == THROUGH


async def test_what_is_no_route_is_not_found_rather_than_refused(site: Gates) -> None:
    assert await site.ask("POST", "/nowhere") == (404, "")
    assert await site.ask("POST", "/only-read") == (405, "")


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\u8bfe"])
async def test_another_token_is_none(site: Gates, token: str) -> None:
    assert await site.ask("POST", "/own", {"X-CSRF-Token": token}) == REFUSED
    assert await site.ask("POST", "/own", data={"csrf_token": token}) == REFUSED
    assert site.passed == []


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"Origin": "http://tongke.test:8443"}, True),  # the public address
        ({"Origin": "https://tongke.test:8443"}, False),  # public_url says http
        ({"Origin": "http://inner.test", "Host": "inner.test"}, True),
        ({"Origin": "http://tongke.test"}, False),
        ({"Origin": "http://tongke.test:8444"}, False),
        ({"Origin": "http://evil.example", "Host": "inner.test"}, False),
        ({"Origin": "http://tongke.test:8443.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://tongke.test:8443", "Sec-Fetch-Site": "cross-site"}, True),
    ],
)
async def test_only_a_page_of_this_site_may_send(
    site: Gates, headers: dict[str, str], passes: bool
) -> None:
    """The token is right: a foreign page cannot know it, and is refused even so."""
    assert await site.ask("POST", "/own", headers | GOOD) == (THROUGH if passes else REFUSED)
    assert await site.ask("POST", "/own", headers) == REFUSED


def multipart(name: str, filename: str | None = None) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field(name, TOKEN.encode() if filename else TOKEN, filename=filename)
    form.add_field("other", b"a file", filename="f")
    return form


async def test_a_form_carries_the_token_as_a_field(site: Gates) -> None:
    assert await site.ask("POST", "/own", data={"csrf_token": TOKEN}) == THROUGH
    assert await site.ask("POST", "/own", data={"token": TOKEN}) == REFUSED
    assert await site.ask("POST", "/own", data=multipart("csrf_token")) == THROUGH
    assert await site.ask("POST", "/own", data=multipart("token")) == REFUSED


async def test_an_uploaded_file_is_no_token(site: Gates) -> None:
    assert await site.ask("POST", "/own", data=multipart("csrf_token", "token.txt")) == REFUSED
    assert site.passed == []


async def test_a_document_carries_no_token(site: Gates) -> None:
    assert await site.ask("POST", "/own", json={"csrf_token": TOKEN}) == REFUSED
    assert await site.ask("POST", "/own?csrf_token=" + TOKEN, data=b"x") == REFUSED
    plain = {"Content-Type": "text/plain"}
    assert await site.ask("POST", "/own", plain, data=f"csrf_token={TOKEN}") == REFUSED


async def test_the_header_decides_where_there_is_one(site: Gates) -> None:
    wrong = {"X-CSRF-Token": "wrong"}
    assert await site.ask("POST", "/own", wrong, data={"csrf_token": TOKEN}) == REFUSED
    assert await site.ask("POST", "/own", GOOD, data={"csrf_token": "wrong"}) == THROUGH
