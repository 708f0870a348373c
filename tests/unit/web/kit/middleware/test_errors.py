"""Exceptions become answers: a document for scripts, and a line in the log for a fault of ours."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web as http
from aiohttp.test_utils import TestClient, TestServer

from scheduler.kernel.errors import NotFound
from web.kit.middleware.errors import errors
from web.kit.problems import HttpProblem


@asynccontextmanager
async def raising(make: Callable[[], Exception]) -> AsyncIterator[TestClient[Any, Any]]:
    """Serve `/api/<name>` by an exception."""

    async def handler(_request: http.Request) -> http.Response:
        raise make()

    app = http.Application(middlewares=[errors])
    app.router.add_get("/api/{name}", handler)
    client = TestClient(TestServer(app))
    await client.start_server()
    try:
        yield client
    finally:
        await client.close()


def busy() -> HttpProblem:
    return HttpProblem(429, "busy", "later", {"seconds": 7}, {"Retry-After": "7"})


@pytest.mark.parametrize(
    ("make", "status", "name"),
    [
        (busy, 429, "busy"),
        (http.HTTPBadRequest, 400, "http-400"),
        (http.HTTPNotFound, 404, "http-404"),
        (lambda: http.HTTPRequestEntityTooLarge(1, 2), 413, "http-413"),
        (NotFound, 404, "not-found"),
        (lambda: ValueError("10.1.2.3"), 500, "internal"),
    ],
)
async def test_scripts_get_a_document(
    make: Callable[[], Exception], status: int, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with raising(make) as client, client.get("/api/x") as response:
        body = json.loads(await response.read())
        assert (response.status, response.content_type) == (status, "application/problem+json")
    assert (body["status"], body["type"]) == (status, f"https://tongke.invalid/problems/{name}")
    assert body["detail"]
    assert bool(caplog.records) is (status == 500)


async def test_a_problem_s_own_members_and_headers_are_sent() -> None:
    async with raising(busy) as client, client.get("/api/x") as response:
        assert response.headers["Retry-After"] == "7"
        assert (await response.json(content_type=None))["seconds"] == 7


async def test_an_address_that_takes_no_such_request_says_which_it_takes() -> None:
    async with raising(busy) as client, client.post("/api/x") as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET,HEAD")


async def test_where_it_leads_is_no_error() -> None:
    async with raising(lambda: http.HTTPSeeOther("/there")) as client:
        response = await client.get("/api/x", allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (303, "/there")


async def test_a_client_that_is_gone_gets_none_of_our_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with raising(ConnectionResetError) as client, client.get("/api/x") as response:
        assert response.content_type == "text/plain", "aiohttp's own, to nobody"
    assert not [record for record in caplog.records if record.name == "web.kit.middleware.errors"]


async def test_a_fault_is_logged_by_its_route_and_names_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with raising(lambda: RuntimeError("a fault")) as client:
        await client.get("/api/somebody")
    (record,) = [one for one in caplog.records if one.name == "web.kit.middleware.errors"]
    assert record.getMessage() == "unexpected error in GET /api/{name}"
    assert record.exc_info is not None


async def test_a_fault_outside_every_route_is_logged_as_such(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @http.middleware
    async def faulty(_request: http.Request, handler: Any) -> http.StreamResponse:
        raise RuntimeError("a fault")

    app = http.Application(middlewares=[errors, faulty])
    async with TestClient(TestServer(app)) as client, client.get("/api/nowhere") as response:
        assert response.status == 500
    (record,) = [one for one in caplog.records if one.name == "web.kit.middleware.errors"]
    assert record.getMessage() == "unexpected error in GET (no route)"
