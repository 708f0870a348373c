"""The session cookie: who is signed in by it, and what a browser that is not gets instead."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from http.cookies import Morsel

import pytest
import pytest_asyncio
from aiohttp import ClientResponse
from sqlalchemy import select

from scheduler.access.tables import Session
from tests.support.webclient import PASSWORD, Site, open_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION, FORM = "tongke_session", "tongke_form"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(tmp_path_factory.mktemp("cookie")) as site:
        yield site


async def page(site: Site, path: str, **cookies: str) -> ClientResponse:
    visitor = await site.visitor()
    line = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return await visitor.get(path, headers={"Cookie": line} if line else {})


async def token_on(response: ClientResponse) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', await response.text())
    assert found is not None
    return found.group(1)


async def signed_in(site: Site) -> tuple[str, str]:
    """Return the session cookie of somebody, and the token of their pages."""
    visitor = await site.sign_in("teacher")
    jar = {cookie.key: cookie.value for cookie in visitor.client.session.cookie_jar}
    return jar[SESSION], visitor.token


async def test_the_cookie_opens_the_pages_and_brings_their_token(site: Site) -> None:
    cookie, token = await signed_in(site)
    opened = await page(site, "/timetable", **{SESSION: cookie})
    assert (opened.status, await token_on(opened)) == (200, token)
    for wrong in ("", "x", cookie[:-1], cookie + "x"):
        refused = await page(site, "/timetable", **{SESSION: wrong})
        assert (refused.status, refused.headers["Location"]) == (303, "/sign-in?next=/timetable")


@pytest.mark.parametrize(("length", "kept"), [(1, True), (128, True), (129, False)])
async def test_a_form_s_token_is_kept_where_it_may_be_ours(
    site: Site, length: int, kept: bool
) -> None:
    given = "t" * length
    found = await token_on(await page(site, "/sign-in", **{FORM: given}))
    assert (found == given) is kept
    assert len(found) == (length if kept else 32)


async def test_every_browser_without_one_gets_a_token_of_its_own(site: Site) -> None:
    found = [await token_on(await page(site, "/sign-in")) for _ in range(2)]
    assert found[0] != found[1]
    assert [len(token) for token in found] == [32, 32]
    other = await page(site, "/sign-in", **{SESSION: "x", FORM: "mine"})
    assert await token_on(other) == "mine"


async def test_the_form_s_token_is_not_that_of_the_session(site: Site) -> None:
    cookie, token = await signed_in(site)
    found = await page(site, "/timetable", **{SESSION: cookie, FORM: "planted"})
    assert await token_on(found) == token


async def test_files_are_served_without_looking_at_a_session(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with open_site(tmp_path_factory.mktemp("files")) as site:
        cookie, _token = await signed_in(site)

        async def last_seen() -> datetime:
            async with site.db.read() as session:
                return (await session.execute(select(Session))).scalar_one().last_seen_at

        before = await last_seen()
        site.clock.forward(hours=1)
        found = await page(site, "/static/test/icon.svg", **{SESSION: cookie})
        assert (found.status, found.cookies) == (200, {})
        assert await last_seen() == before
        await page(site, "/timetable", **{SESSION: cookie})
        assert (await last_seen() - before).total_seconds() == 3600


@pytest.mark.parametrize("secure", [False, True])
async def test_cookies_are_for_this_site_and_not_for_scripts(
    tmp_path_factory: pytest.TempPathFactory, secure: bool
) -> None:
    async with open_site(tmp_path_factory.mktemp("kept"), secure_cookies=secure) as site:
        visitor = await site.visitor()
        asked = await visitor.get("/sign-in")
        mine = {"Cookie": f"{FORM}={asked.cookies[FORM].value}"}
        fields = {"login": "teacher", "password": PASSWORD}
        entered = await visitor.post("/sign-in", fields, headers=mine)
        assert entered.status == 303
        cookies: list[Morsel[str]] = [asked.cookies[FORM], entered.cookies[SESSION]]
    for cookie in cookies:
        words = ("httponly", "secure", "samesite", "path", "max-age", "domain")
        assert {word: cookie[word] for word in words} == {
            "httponly": True,
            "secure": secure or "",
            "samesite": "Lax",
            "path": "/",
            "max-age": "2592000",
            "domain": "",
        }
