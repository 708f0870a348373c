"""Security headers to the letter, on every kind of answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web as http
from aiohttp.test_utils import TestClient, TestServer

from tests.support.gates import services
from web.kit.middleware.headers import add_headers, policy
from web.kit.services import SERVICES

POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'{}; media-src 'self' blob:; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
RELAYS = " https://relay.test wss://relay.test http://10.0.0.5:8701 ws://10.0.0.5:8701"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
    "Content-Security-Policy": POLICY.format(" ws://tongke.test wss://tongke.test" + RELAYS),
}


@asynccontextmanager
async def site(own: dict[str, str] | None = None, **settings: Any) -> AsyncIterator[Any]:
    async def handler(_request: http.Request) -> http.Response:
        return http.Response(headers=own or {})

    app = http.Application()
    app[SERVICES] = services(**settings)
    app.on_response_prepare.append(add_headers)
    for path in ("/page", "/static/v/app.css", "/api/static/x"):
        app.router.add_get(path, handler)
    async with TestClient(TestServer(app)) as client:
        yield client


async def headers(client: Any, path: str) -> dict[str, str]:
    async with client.get(path, headers={"Host": "tongke.test"}) as response:
        return dict(response.headers)


@pytest.mark.parametrize("path", ["/page", "/static/v/app.css", "/nowhere"])
async def test_every_answer_has_the_fixed_ones(path: str) -> None:
    async with site() as client:
        found = await headers(client, path)
    assert {name: found.get(name) for name in ALWAYS} == ALWAYS
    assert "Strict-Transport-Security" not in found


async def test_only_files_may_be_kept() -> None:
    async with site() as client:
        kept = {p: (await headers(client, p)).get("Cache-Control") for p in PATHS}
    assert kept == {"/page": "no-store", "/static/v/app.css": None, "/api/static/x": "no-store"}


PATHS = ("/page", "/static/v/app.css", "/api/static/x")


async def test_a_site_of_secure_cookies_stays_on_https() -> None:
    async with site(secure_cookies=True) as client:
        found = await headers(client, "/page")
        assert found["Strict-Transport-Security"] == "max-age=31536000"
        assert found["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" in await headers(client, "/static/v/app.css")


async def test_what_a_handler_has_set_stays() -> None:
    own = dict.fromkeys([*ALWAYS, "Cache-Control", "Strict-Transport-Security"], "own")
    async with site(own, secure_cookies=True) as client:
        found = await headers(client, "/page")
    assert {name: found[name] for name in own} == own


@pytest.mark.parametrize(
    ("relays", "host", "reach"),
    [
        ([], "", ""),
        ([], "h", " ws://h wss://h"),
        ([], "h.test:80", " ws://h.test:80 wss://h.test:80"),
        ([], "[fd00::1]:80", " ws://[fd00::1]:80 wss://[fd00::1]:80"),
        ([], "a-b", " ws://a-b wss://a-b"),
        ([], "a b", ""),
        ([], "a;b", ""),
        (["http://r/x?y"], "", " http://r ws://r"),
        (["https://r:1/x", "https://r:1/y"], "", " https://r:1 wss://r:1"),
        (["/relay/n1", "ftp://r", "http:///x", "r"], "", ""),
    ],
)
def test_pages_reach_this_host_and_the_relays(relays: list[str], host: str, reach: str) -> None:
    assert policy(relays, host) == POLICY.format(reach)
