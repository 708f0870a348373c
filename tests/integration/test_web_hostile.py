"""Hostile requests to the pages: refused in words, no fault of ours, never another site.

Bytes go over a plain socket: no honest client writes such headers.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from scheduler.terminals import pairing as pairings
from tests.support.webclient import PASSWORD, Site, Visitor, open_site
from web.kit.requests.access import Access
from web.routes import ROUTES

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORM = "application/x-www-form-urlencoded"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(tmp_path_factory.mktemp("hostile")) as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(site: Site) -> Visitor:
    return await site.sign_in("county")


async def raw(site: Site, *lines: bytes, body: bytes = b"") -> int:
    """Send a request as it stands; return the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.server.port)
    ends = [b"Host: tongke.test", b"Connection: close", b"Content-Length: %d" % len(body)]
    writer.write(b"\r\n".join([*lines, *ends, b"", body]))
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return int(answer.split(b" ", 2)[1])


HEADERS = {
    "a session that is not text": (b"GET /sign-in", b"Cookie: tongke_session=\xff\xfe"),
    "a form token that is not text": (b"GET /sign-in", b"Cookie: tongke_form=\xff"),
    "a device token that is not text": (
        b"GET /api/v1/terminal/day",
        b"Authorization: Bearer \xff\xfe",
    ),
    "an origin that is no address": (b"POST /sign-out", b"Origin: http://["),
    "a token of bytes": (b"POST /sign-out", b"X-CSRF-Token: \xff\xfe"),
    "a language of bytes": (b"GET /sign-in", b"Accept-Language: \xff;q=nan, *;q=1e999"),
    "a next that is no address": (b"GET /sign-in?next=//[", b"X: 1"),
    "a file with a NUL": (b"GET /static/x/css%00/app.css", b"X: 1"),
    "a file with an endless name": (b"GET /static/x/" + b"a" * 4000, b"X: 1"),
    "a file above the root": (b"GET /static/x/..%2f..%2fapp.py", b"X: 1"),
    "a NUL in a query": (b"GET /sign-in?next=%00", b"X: 1"),
}


@pytest.mark.parametrize("lines", HEADERS.values(), ids=HEADERS.keys())
async def test_hostile_headers_and_paths_are_no_fault_of_ours(
    site: Site, lines: tuple[bytes, bytes]
) -> None:
    assert 200 <= await raw(site, lines[0] + b" HTTP/1.1", lines[1]) < 500


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"user_agent": "\\ud800"}', b'{"user_agent": "a\\u0000"}', b"\xff"]
)
async def test_a_pairing_takes_no_hostile_description(site: Site, body: bytes) -> None:
    head = (b"POST /api/v1/terminal/pairings HTTP/1.1", b"Content-Type: application/json")
    assert await raw(site, *head, body=body) in (201, 400, 422)


async def test_a_pairing_is_made_whatever_the_agent_calls_itself(site: Site) -> None:
    head = b"POST /api/v1/terminal/pairings HTTP/1.1"
    assert await raw(site, head, b"User-Agent: \xff\xfe") == 201


QUERIES = [
    "day=0001-01-01&from=0001-01-01&to=0001-01-01&view=week",
    "day=9999-12-31&from=9999-12-31&to=9999-12-31&view=week",
    "page=-1&from=x&to=y",
    "page=9999999999999999999999",
    "page=%C2%B2&period=%C2%B2",
    "code=%C2%B2&room=%00&q=%00&school=%00&community=%00&teacher=%00",
    "q=%25_%27%22%3Cscript%3E&text=%F0%9F%98%80&topics=%00",
]


@pytest.mark.parametrize("query", QUERIES)
async def test_no_query_breaks_a_page(county: Visitor, query: str) -> None:
    pages = [r.path for r in ROUTES if r.method == "GET" and r.access is not Access.DEVICE]
    for page in pages:
        path = page.replace("{path:.+}", "x").replace("{", "").replace("}", "")
        response = await county.get(f"{path}?{query}")
        assert response.status < 500, f"{path}?{query}: {response.status}"


@pytest.mark.parametrize("identity", ["%00", "x" * 3000, "%F0%9F%98%80", "..%2f..", "%27%3B--"])
async def test_no_identity_in_a_path_breaks_a_page(county: Visitor, identity: str) -> None:
    for route in ROUTES:
        if "{" not in route.path or route.path.startswith("/static"):
            continue
        path = route.path.replace("{id}", identity).replace("{lesson_id}", identity)
        response = await county.call(route.method, path, {})
        assert response.status < 500, f"{route.method} {path}: {response.status}"


HOSTILE_FIELDS = ["\0", "9999-12-31", "0001-01-01", "\N{SUPERSCRIPT TWO}", "x" * 5000, "23:59"]
FORM_FIELDS = (
    *("title", "subject", "day", "period", "starts", "ends", "host_room", "host_teacher"),
    *("community", "legs", "class", "code", "room", "reason", "version", "mode", "kind", "key"),
    *("language", "next", "login", "password", "q", "text", "file"),
)


@pytest.mark.parametrize("value", HOSTILE_FIELDS)
async def test_no_field_breaks_a_form(county: Visitor, value: str) -> None:
    for route in ROUTES:
        if route.method != "POST" or route.access is Access.DEVICE or route.path == "/sign-out":
            continue
        path = route.path.replace("{id}", "0" * 16)
        response = await county.post(path, dict.fromkeys(FORM_FIELDS, value))
        assert response.status < 500, f"{path}: {response.status}"


LESSON = {
    "title": "x",
    "subject": "x",
    "host_room_id": "0" * 16,
    "host_teacher_id": "0" * 16,
    "starts_at": "2026-11-19T01:00:00Z",
    "ends_at": "2026-11-19T02:00:00Z",
    "idempotency_key": "k",
}
HOSTILE_BODIES = [
    {**LESSON, "starts_at": "9999-12-31T23:59:59-12:00", "ends_at": "9999-12-31T23:59:59-13:00"},
    {**LESSON, "starts_at": "0001-01-01T00:00:00+12:00", "ends_at": "0001-01-01T01:00:00+12:00"},
    {**LESSON, "starts_at": -62135596800, "ends_at": 253402300799},
    {**LESSON, "title": "a\0b"},
    {**LESSON, "idempotency_key": "\ud800"},
    {"version": 10**400, "starts_at": 1e308, "ends_at": "NaN"},
    [LESSON],
]


@pytest.mark.parametrize("body", HOSTILE_BODIES)
async def test_no_document_breaks_the_api(site: Site, county: Visitor, body: object) -> None:
    host = await site.room("lz01-rec") if isinstance(body, dict) and "title" in body else None
    if host is not None and isinstance(body, dict):
        actor = await site.actor("teacher")
        body = {**body, "host_room_id": host.id, "host_teacher_id": actor.person_id}
    for path in ("/api/v1/lessons", "/api/v1/lessons/check", f"/api/v1/lessons/{'0' * 16}/move"):
        headers = {"X-CSRF-Token": county.token, "Content-Type": "application/json"}
        response = await county.client.post(path, data=json.dumps(body), headers=headers)
        assert response.status < 500, f"{path} {body}: {response.status}"
        if not path.endswith("/check"):  # which answers 200 and says what stands in the way
            assert response.status >= 400


async def test_behind_a_proxy_a_client_cannot_claim_another_address(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A proxy may add a line of its own behind the client's; only the last word is the proxy's."""
    async with open_site(tmp_path_factory.mktemp("proxy"), trust_proxy=True) as behind:
        head = b"POST /api/v1/terminal/pairings HTTP/1.1"
        claims = (b"X-Forwarded-For: 1.2.3.4", b"X-Forwarded-For: 10.9.8.7")
        assert await raw(behind, head, *claims) == 201
        assert await raw(behind, head, b"X-Forwarded-For: 1.2.3.4, 10.9.8.7") == 201
        waiting = await pairings.pending_pairings(behind.db, behind.clock())
    assert [pairing.address for pairing in waiting] == ["10.9.x.x"] * 2


async def test_tries_from_one_address_lock_out_no_similar_address(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with open_site(tmp_path_factory.mktemp("guesser"), trust_proxy=True) as behind:

        async def enter(login: str, password: str, address: str) -> int:
            visitor = await behind.visitor()
            await visitor.get("/sign-in")
            fields = {"login": login, "password": password}
            headers = {"X-Forwarded-For": address}
            return (await visitor.post("/sign-in", fields, headers=headers)).status

        tries = [await enter(f"guess{number}", "wrong", "10.1.0.66") for number in range(31)]
        assert set(tries[:30]) == {401}
        assert tries[30] == 429
        assert await enter("teacher", PASSWORD, "10.1.0.7") == 303
        assert await enter("teacher2", PASSWORD, "10.1.0.66") == 429
