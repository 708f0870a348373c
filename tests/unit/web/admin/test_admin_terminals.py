"""Screens are approved, replaced and revoked, and the audit log tells of it, over HTTP."""

import re
from datetime import datetime, timedelta

import pytest

from scheduler.events.kinds import EventKind
from scheduler.organisation import directory
from scheduler.placement.orders import orders_of
from scheduler.terminals import enrolment
from scheduler.terminals import pairing as pairings
from tests.support.admin_site import exported, text
from tests.support.lessons import rooms_of_school
from tests.support.webclient import Site, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def revoked(site: Site) -> list[tuple[tuple[str, ...], datetime]]:
    """Return whom relay nodes have to refuse, and until when."""
    events = await site.events(EventKind.TERMINAL_REVOKE)
    return [(order.names, order.until) for event in events for order in orders_of(event)]


async def test_a_screen_is_approved_replaced_and_revoked(site: Site, admin: Visitor) -> None:
    (room, *_rest) = await rooms_of_school(site, "lz13")
    page = await text(admin, "/admin/terminals")
    assert "http://tongke.test/terminal" in page

    first = await pairings.begin_pairing(site.db, site.clock(), "Kiosk/1", "10.1.x.x")
    page = await text(admin, f"/admin/terminals?code={first.code}")
    assert "来自 10.1.x.x" in page
    path = "/admin/terminals/approve"
    answer = await admin.post(path, {"code": first.code.lower() + " ", "room": room.id})
    assert answer.status == 303
    assert f"已批准。{room.full_name} 的屏幕" in await text(admin, answer.headers["Location"])
    assert await revoked(site) == []  # nobody had this room before
    async with site.db.read() as session:
        former = await enrolment.terminal_of_token(session, first.secret)
    assert former is not None

    second = await pairings.begin_pairing(site.db, site.clock(), "Kiosk/2", "10.1.x.x")
    answer = await admin.post(path, {"code": second.code, "room": room.id})
    assert answer.status == 409
    assert "已经有一台终端" in await answer.text()
    answer = await admin.post(path, {"code": second.code, "room": room.id, "replace": "yes"})
    assert answer.status == 303
    async with site.db.read() as session:
        assert await enrolment.terminal_of_token(session, first.secret) is None
        terminal = await enrolment.terminal_of_token(session, second.secret)
    assert terminal is not None
    assert [names for names, _until in await revoked(site)] == [(former.id,)]

    answer = await admin.post(f"/admin/terminals/{terminal.id}/revoke", {})
    assert answer.status == 303
    assert f"已解除绑定。{room.full_name} 的屏幕" in await text(admin, answer.headers["Location"])
    names, until = (await revoked(site))[-1]
    assert names == (terminal.id,)  # not the room itself
    assert until > site.clock() + timedelta(hours=24)
    async with site.db.read() as session:
        assert await enrolment.terminal_of_token(session, second.secret) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "请填写配对码并选择教室"),
        ({"code": "ABCDEF", "room": ""}, "请填写配对码并选择教室"),
    ],
)
async def test_an_incomplete_approval_says_what_is_missing(
    admin: Visitor, fields: dict[str, str], words: str
) -> None:
    answer = await admin.post("/admin/terminals/approve", fields)
    assert answer.status == 422
    assert words in await answer.text()


async def test_a_wrong_code_is_reported_and_the_room_kept(site: Site, admin: Visitor) -> None:
    (room, *_rest) = await rooms_of_school(site, "lz13")
    answer = await admin.post("/admin/terminals/approve", {"code": "222222", "room": room.id})
    assert answer.status == 422
    page = await answer.text()
    assert "没有等待中的屏幕显示这个配对码" in page
    assert f'value="{room.id}" selected' in page
    focused = re.findall(r'name="(\w+)"[^>]* autofocus', page)
    assert focused == ["code"], "it is the code that has to be typed again"


async def test_a_school_admin_sees_only_the_own_rooms(site: Site) -> None:
    actor = await site.actor("school")
    visitor = await site.sign_in("school")
    page = await text(visitor, "/admin/terminals")
    async with site.db.read() as session:
        schools = await directory.schools(session)
    own = {one.name for one in schools if one.id in actor.roles[0].school_ids}
    shown = set(re.findall(r'<optgroup label="([^"]+)"', page))
    assert shown == own
    foreign = next(one for one in schools if one.name not in own)
    (room, *_rest) = await rooms_of_school(site, foreign.code)
    pairing = await pairings.begin_pairing(site.db, site.clock(), "x", "x")
    answer = await visitor.post("/admin/terminals/approve", {"code": pairing.code, "room": room.id})
    assert answer.status == 403
    await visitor.close()


async def test_audit_shows_and_exports_what_was_done(site: Site, admin: Visitor) -> None:
    page = await text(admin, "/admin/audit?action=terminal.")
    (room, *_rest) = await rooms_of_school(site, "lz13")
    assert "批准终端" in page
    assert room.full_name in page, "the school too: rooms of many schools have the same name"
    assert "<td>登录</td>" not in page
    answer = await admin.get("/admin/audit.csv?action=terminal.")
    assert {row["操作"] for row in await exported(answer)} == {"批准终端", "解除终端"}
    assert "这段时间没有记录" in await text(admin, "/admin/audit?q=nothing-like-this")
    assert "这段时间没有记录" in await text(admin, "/admin/audit?q=%25")  # % is no wildcard
