"""Every route x every role x own and foreign school, on the demo county.

The table in web/routes.py says who may call a route; this says it a second time, by login, so that
a slip in either is seen. Bodies are empty: what is allowed is answered by anything but 401 and 403.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from scheduler.access.permissions import Action
from tests.support.lessons import book_lesson
from tests.support.webclient import LOGINS, Site, open_site
from web.kit.requests.access import Access, Route
from web.routes import ROUTES

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERYBODY = frozenset(LOGINS)
ADMINS = frozenset({"county", "community", "school"})
TEACHERS = frozenset({"teacher", "teacher2"})

ALLOWED: dict[Action, frozenset[str]] = {
    Action.LESSON_BOOK: ADMINS | TEACHERS,
    Action.LESSON_TEACH: ADMINS | TEACHERS,
    Action.LESSON_EDIT: ADMINS,
    Action.LESSON_VIEW: EVERYBODY,
    Action.TERMINAL_APPROVE: ADMINS,
    Action.TERMINAL_REVOKE: ADMINS,
    Action.ORGANISATION_VIEW: ADMINS | TEACHERS | {"supervisor"},
    Action.ORGANISATION_IMPORT: frozenset({"county"}),
    Action.USAGE_VIEW: ADMINS | {"supervisor"},
    Action.USAGE_EXPORT: ADMINS,
    Action.HEADCOUNT_ENTER: ADMINS | TEACHERS | {"assistant"},
    Action.LEG_ANSWER: ADMINS | TEACHERS | {"assistant"},
    Action.REMARK_WRITE: ADMINS,
    Action.AUDIT_VIEW: frozenset({"county"}),
    Action.SYSTEM_VIEW: frozenset({"county"}),
}

OWN_LESSON = frozenset({"county", "supervisor", "community", "school", "teacher", "assistant"})
"""Who may know of a lesson of lz01 that fc-zx attends."""

FOREIGN_LESSON = frozenset({"county", "supervisor", "teacher2"})
"""Who may know of a lesson of lz12 within its own community."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    directory: Path = tmp_path_factory.mktemp("access")
    async with open_site(directory) as site:
        yield site


async def status(site: Site, login: str, route: Route, path: str) -> tuple[int, str]:
    """Return the status and the address redirected to; the body (perhaps endless) is not read."""
    visitor = await (site.sign_in(login) if login else site.visitor())
    if not login:
        await visitor.get("/sign-in")
    try:
        headers = {} if route.access is Access.DEVICE else {"X-CSRF-Token": visitor.token}
        async with visitor.client.request(
            route.method, path, headers=headers, allow_redirects=False
        ) as response:
            return response.status, response.headers.get("Location", "")
    finally:
        await visitor.close()


def plain(route: Route) -> str:
    """Return the route's path with an id that nothing has."""
    path = route.path.replace("{version}", "0").replace("{path:.+}", "icon.svg")
    return (
        path.replace("{id}", "0" * 16)
        .replace("{lesson_id}", "0" * 16)
        .replace("{leg_id}", "0" * 16)
    )


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_a_visitor_gets_in_nowhere_that_is_not_public(site: Site, route: Route) -> None:
    answer, target = await status(site, "", route, plain(route))
    if route.access is Access.PUBLIC:
        assert answer not in (401, 403)
    elif route.access is Access.DEVICE:
        assert answer in (400, 401, 404, 201, 429), "a terminal proves itself by its token"
    elif route.method == "GET" and not route.path.startswith("/api/"):
        assert (answer, target.split("?")[0]) == (303, "/sign-in")
    else:
        assert answer == 401


@pytest.mark.parametrize("login", LOGINS)
async def test_a_role_opens_what_the_table_says(site: Site, login: str) -> None:
    visitor = await site.sign_in(login)
    wrong = []
    for route in ROUTES:
        if route.action is None or route.access is not Access.ACTION:
            continue
        async with visitor.client.request(
            route.method,
            plain(route),
            headers={"X-CSRF-Token": visitor.token},
            allow_redirects=False,
        ) as response:
            refused = response.status in (401, 403)
        if refused is (login in ALLOWED[route.action]):
            wrong.append((route.method, route.path, login, response.status))
    await visitor.close()
    assert wrong == []


@pytest.mark.parametrize("login", LOGINS)
async def test_a_lesson_of_a_foreign_school_does_not_exist(site: Site, login: str) -> None:
    lessons = {
        await book_lesson(site, "teacher", legs=["fc-zx"], key=f"own-{login}"): OWN_LESSON,
        await book_lesson(site, "teacher2", legs=["lm-zx"], key=f"far-{login}"): FOREIGN_LESSON,
    }
    visitor = await site.sign_in(login)
    for lesson_id, may_know in lessons.items():
        for path in (f"/lessons/{lesson_id}", f"/api/v1/lessons/{lesson_id}"):
            response = await visitor.client.get(path)
            assert response.status == (200 if login in may_know else 404), (login, path)
        response = await visitor.call(
            "POST", f"/api/v1/lessons/{lesson_id}/cancel", {"reason": "x"}
        )
        expected = expected_change(login, lesson_id, may_know, own=may_know is OWN_LESSON)
        assert response.status == expected, (login, lesson_id)
    await visitor.close()


def expected_change(login: str, _lesson_id: str, may_know: frozenset[str], *, own: bool) -> int:
    """Return the status of cancelling: the host's teacher and the admins of the host's school."""
    if login in ("assistant", "supervisor"):
        return 403  # no role that books
    if login not in may_know:
        return 404
    changers = {"county", "community", "teacher"} if own else {"county", "teacher2"}
    return 200 if login in changers else 403


async def test_every_action_of_the_table_is_walked() -> None:
    assert {route.action for route in ROUTES if route.action} <= set(ALLOWED)


async def test_no_address_stands_twice() -> None:
    addresses = [(route.method, route.path) for route in ROUTES]
    assert len(addresses) == len(set(addresses))
