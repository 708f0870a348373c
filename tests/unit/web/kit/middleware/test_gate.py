"""The gate in front of every route: who is let through, sent to sign in, or refused."""

from collections.abc import AsyncIterator

import pytest
from yarl import URL

from tests.support.gates import Gates, gates
from web.kit.middleware.gate import gate

THROUGH, REFUSED, UNKNOWN = (200, ""), (403, "forbidden"), (401, "not-signed-in")


@pytest.fixture
async def site() -> AsyncIterator[Gates]:
    async with gates(gate) as site:
        yield site


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/public", "/device"])
async def test_anybody_may_take_what_is_public_or_a_terminal_s(
    site: Gates, method: str, path: str
) -> None:
    assert await site.ask(method, path) == THROUGH
    assert site.passed == [f"{method} {path}"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/own", "/own?a=1&b=2", "/own?q=%E8%AF%BE", "/audit"])
async def test_who_reads_without_a_session_is_sent_to_sign_in(
    site: Gates, method: str, path: str
) -> None:
    """And comes back to where they wanted to go."""
    status, target = await site.ask(method, path)
    assert (status, URL(target).path, URL(target).query) == (303, "/sign-in", {"next": path})
    assert site.passed == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/own"), ("PUT", "/own"), ("OPTIONS", "/own"), ("POST", "/audit"),
     ("GET", "/api/own"), ("HEAD", "/api/own")],
)  # fmt: skip
async def test_who_changes_or_calls_without_a_session_is_told_so(
    site: Gates, method: str, path: str
) -> None:
    assert (await site.ask(method, path))[0] == 401
    assert site.passed == []
    if method != "HEAD":
        assert await site.ask(method, path) == UNKNOWN


@pytest.mark.parametrize("role", ["COUNTY_ADMIN", "TEACHER", "ASSISTANT"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_whoever_is_signed_in_may_take_their_own(site: Gates, role: str, method: str) -> None:
    assert await site.ask(method, "/own", {"As": role}) == THROUGH
    assert site.passed == [f"{method} /own"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_an_action_needs_a_role_that_carries_it(site: Gates, method: str) -> None:
    status, _name = await site.ask(method, "/audit", {"As": "TEACHER"})
    assert (status, site.passed) == (403, [])
    assert await site.ask(method, "/audit", {"As": "COUNTY_ADMIN"}) == THROUGH
    assert site.passed == [f"{method} /audit"]


async def test_a_refusal_says_what_lacks(site: Gates) -> None:
    assert await site.ask("GET", "/audit", {"As": "TEACHER"}) == REFUSED


@pytest.mark.parametrize("who", [{}, {"As": "TEACHER"}])
async def test_what_is_no_route_is_not_found_for_anybody(site: Gates, who: dict[str, str]) -> None:
    assert await site.ask("GET", "/nowhere", who) == (404, "")
    assert await site.ask("POST", "/only-read", who) == (405, "")
