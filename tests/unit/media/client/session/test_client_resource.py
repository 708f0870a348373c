from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web as http
from aiohttp.test_utils import TestServer

from media.client.session.resource import (
    NodeRefusedError,
    NodeUnreachableError,
    delete_session,
    post_offer,
    problem_title,
    retry_after,
)

ENDED = http.AppKey("ended", list[str])


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    """A WHIP server as RFC 9725 allows it: a relative Location, a session that can be deleted."""

    async def post(request: http.Request) -> http.Response:
        stage = request.match_info["stage"]
        if stage == "full":
            return http.Response(status=503, headers={"Retry-After": "7"}, text="full")
        headers = {"Location": "/sessions/s1", "ETag": '"e1"'} if stage == "l1" else {}
        body = f"{request.headers['Authorization']}|{await request.text()}"
        return http.Response(status=201, text=body, headers=headers)

    async def delete(request: http.Request) -> http.Response:
        request.app[ENDED].append(request.headers["Authorization"])
        return http.Response()

    app = http.Application()
    app.router.add_post("/whip/{stage}", post)
    app.router.add_delete("/sessions/s1", delete)
    app[ENDED] = []
    async with TestServer(app) as running:
        yield running


@pytest.fixture
async def client_http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_an_offer_is_answered_and_the_session_ended(
    server: TestServer, client_http: aiohttp.ClientSession
) -> None:
    resource = await post_offer(client_http, str(server.make_url("/whip/l1")), "t", "v=0")
    assert resource.url == str(server.make_url("/sessions/s1"))
    assert (resource.etag, resource.answer) == ('"e1"', "Bearer t|v=0")
    await delete_session(client_http, resource, "t")
    assert server.app[ENDED] == ["Bearer t"]


async def test_a_refusal_tells_status_reason_and_patience(
    server: TestServer, client_http: aiohttp.ClientSession
) -> None:
    with pytest.raises(NodeRefusedError) as refused:
        await post_offer(client_http, str(server.make_url("/whip/full")), "t", "v=0")
    assert (refused.value.status, refused.value.reason, refused.value.retry_after) == (
        503,
        "full",
        7.0,
    )


async def test_an_answer_without_a_session_is_no_session(
    server: TestServer, client_http: aiohttp.ClientSession
) -> None:
    with pytest.raises(NodeRefusedError, match="no Location"):
        await post_offer(client_http, str(server.make_url("/whip/other")), "t", "v=0")


async def test_a_node_that_is_gone_is_unreachable_and_a_goodbye_to_it_harmless(
    server: TestServer, client_http: aiohttp.ClientSession
) -> None:
    resource = await post_offer(client_http, str(server.make_url("/whip/l1")), "t", "v=0")
    endpoint = str(server.make_url("/whip/l1"))
    await server.close()
    with pytest.raises(NodeUnreachableError):
        await post_offer(client_http, endpoint, "t", "v=0")
    await delete_session(client_http, resource, "t")


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b'{"title": "no", "detail": "because"}', "because"),
        (b'{"title": "no"}', "no"),
        (b"[]", "[]"),
        (b"<html>", "<html>"),
        (b"\xff", "\ufffd"),
        (b"{}", ""),
    ],
)
def test_what_a_refusal_says_is_found(body: bytes, title: str) -> None:
    assert problem_title(body) == title


@pytest.mark.parametrize(
    ("value", "seconds"), [("0", 0.0), ("120", 120.0), ("Sat, 21 Nov 2026", 2.5), ("\u0661", 2.5)]
)
def test_a_retry_after_that_is_no_number_of_seconds_gives_the_default(
    value: str, seconds: float
) -> None:
    assert retry_after({"Retry-After": value}, default=2.5) == seconds
