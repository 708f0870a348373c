"""The gates of the web application around a few plain routes: nothing of the product behind them.

Who is signed in is a header here (`As: <a role>`), and the token of the forms is always TOKEN.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web as http
from aiohttp.test_utils import TestClient, TestServer

from scheduler.access.actor import Actor, RoleInScope
from scheduler.access.permissions import Action
from scheduler.access.roles import Role
from scheduler.kernel.database import Database
from server.relays.tickets import TicketSigner
from tests.support.webclient import GivenOrder, SilentRelay, SteppedClock, signing_key
from web.kit.live import LiveHub
from web.kit.middleware import Handler
from web.kit.middleware.gate import TABLE
from web.kit.ports import RelayAddress
from web.kit.problems import HttpProblem
from web.kit.requests.access import Route, device, needs, public, signed_in
from web.kit.services import ACTOR, CSRF, SERVICES, Services, WebSettings

TOKEN = "the-token-of-this-browser"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
RELAYS = ("https://relay.test/n1", "http://10.0.0.5:8701")


def services(languages: tuple[str, ...] = ("zh_CN", "en"), **settings: Any) -> Services:
    """Services whose database nobody asks."""
    tickets = TicketSigner(signing_key(), [RelayAddress(f"n{n}", u) for n, u in enumerate(RELAYS)])
    return Services(
        db=Database("sqlite+aiosqlite://"),
        clock=SteppedClock(),
        tickets=tickets,
        relay=SilentRelay(),
        placement=GivenOrder(tickets.relays),
        live=LiveHub(),
        settings=WebSettings("http://tongke.test:8443", languages=languages, **settings),
    )


def actor(role: str, language: str = "zh_CN") -> Actor:
    roles = (RoleInScope(Role(role), True, None, frozenset()),)
    return Actor("account", "person", "login", "name", language, roles)


@http.middleware
async def signed_in_by_header(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Stand where the session middleware stands."""
    if "As" in request.headers:
        role, _, tongue = request.headers["As"].partition(" ")
        request[ACTOR] = actor(role, tongue or "zh_CN")
    request[CSRF] = TOKEN
    return await handler(request)


@http.middleware
async def problems_as_json(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Answer for what a gate refuses, without a page."""
    try:
        return await handler(request)
    except HttpProblem as problem:
        return http.json_response({"name": problem.name}, status=problem.status)


class Gates:
    """A client of the routes, and what got through to them."""

    def __init__(self, client: TestClient[Any, Any], passed: list[str]) -> None:
        self.client, self.passed = client, passed

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> tuple[int, str]:
        """Return the status, and what is refused (a problem's name) or where it leads."""
        sent = {"headers": headers or {}, "allow_redirects": False, **options}
        async with self.client.request(method, path, **sent) as response:
            body = await response.read()
            name = json.loads(body)["name"] if body.startswith(b"{") else ""
            return response.status, name or response.headers.get("Location", "")


def routes_for(passed: list[str]) -> list[Route]:
    async def through(request: http.Request) -> http.Response:
        passed.append(f"{request.method} {request.path}")
        return http.Response(text="through")

    return [
        *(public(method, "/public", through) for method in METHODS if method != "HEAD"),
        *(signed_in(method, "/own", through) for method in METHODS if method != "HEAD"),
        *(device(method, "/device", through) for method in METHODS if method != "HEAD"),
        needs(Action.AUDIT_VIEW, "GET", "/audit", through),
        needs(Action.AUDIT_VIEW, "POST", "/audit", through),
        signed_in("GET", "/api/own", through),
        signed_in("GET", "/only-read", through),
    ]


@asynccontextmanager
async def gates(*middlewares: Any, **settings: Any) -> AsyncIterator[Gates]:
    """Serve the routes behind these gates, in this order."""
    passed: list[str] = []
    app = http.Application(middlewares=[problems_as_json, signed_in_by_header, *middlewares])
    app[SERVICES] = services(**settings)
    table: dict[http.AbstractRoute, Route] = {}
    for route in routes_for(passed):
        if route.method == "GET":
            app.router.add_get(route.path, route.handler)
        else:
            app.router.add_route(route.method, route.path, route.handler)
        for resource in app.router.resources():
            if resource.canonical == route.path:
                table.update({one: route for one in resource if one not in table})
    app[TABLE] = table
    client = TestClient(TestServer(app))
    await client.start_server()
    try:
        yield Gates(client, passed)
    finally:
        await client.close()
        await app[SERVICES].db.close()
