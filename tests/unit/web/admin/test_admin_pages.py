"""The system page, and what holds for every page of the administrators, over HTTP."""

import re

import pytest

from scheduler.organisation import directory
from tests.support.admin_site import RecordingRelay, text
from tests.support.figures import node_figures
from tests.support.webclient import Site, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_system_page_shows_the_nodes(admin: Visitor) -> None:
    page = await text(admin, "/admin/system")
    assert "正常" in page
    assert "SQLite" in page
    assert "现在没有课堂经过转发节点。" in page


async def test_the_system_page_shows_a_lessons_lines_by_name(admin: Visitor, site: Site) -> None:
    async with site.services.db.read() as session:
        host, watching = (await directory.rooms(session))[:2]
    found = node_figures("l1", f"room:{host.id}", f"room:{watching.id}")
    relay = site.relay
    assert isinstance(relay, RecordingRelay)
    relay.figures = {"n1": found}
    page = await text(admin, "/admin/system")
    relay.figures = {}
    for words in (
        f"{host.school_name} {host.name}",
        f"{watching.school_name} {watching.name}",
        "12 ms",
        "2.10 Mbit/s",
        "收到 5，转发 2",
        "7.1 µs",
        "没有回应",
    ):
        assert words in page, words
    assert f"room:{host.id}" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/admin",
        "/admin/terminals",
        "/admin/organisation",
        "/admin/organisation?tab=rooms",
        "/admin/organisation?tab=people",
        "/admin/organisation/import",
        "/admin/usage",
        "/admin/audit",
        "/admin/system",
    ],
)
async def test_every_page_speaks_english_as_well(admin: Visitor, path: str) -> None:
    answer = await admin.client.get(path, headers={"Cookie": cookies(admin, "tongke_language=en")})
    assert answer.status == 200
    main = (await answer.text()).split("<h1", 1)[1].split("</h1>")[0]
    assert not re.search("[\u4e00-\u9fff]", re.sub("雷州市", "", main)), main


def cookies(visitor: Visitor, more: str) -> str:
    kept = "; ".join(f"{one.key}={one.value}" for one in visitor.client.session.cookie_jar)
    return f"{kept}; {more}"
