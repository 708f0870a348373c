"""The administrators' pages on a real database with the demo county."""

import csv
import io
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import FormData

from scheduler.attendance.evidence import NewFact
from scheduler.attendance.ledger import append
from scheduler.attendance.tables import FactKind
from scheduler.lifecycle.reconcile import reconcile
from scheduler.organisation import directory, enrolment
from tests.support.figures import node_figures
from tests.support.lessons import book_lesson, rooms_of_school
from tests.support.webclient import COUNTY, MORNING, Desk, SilentRelay, Visitor, open_desk

pytestmark = pytest.mark.asyncio(loop_scope="module")

START = MORNING.replace(hour=10, minute=0)


class RecordingRelay(SilentRelay):
    """A relay desk that answers, and remembers whom it refused until when."""

    def __init__(self) -> None:
        super().__init__()
        self.revoked: list[tuple[tuple[str, ...], datetime]] = []
        self.figures: Mapping[str, Mapping[str, Any]] = {}

    async def revoke(self, devices: Sequence[str], until: datetime) -> bool:
        self.revoked.append((tuple(devices), until))
        return True

    async def stats(self) -> Mapping[str, Mapping[str, Any]]:
        return self.figures

    async def status(self) -> Sequence[Mapping[str, Any]]:
        return [
            {
                "id": "n1",
                "url": "http://relay.test",
                "reachable": True,
                "boot": "b1",
                "peers": 4,
                "stages": 1,
            }
        ]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path_factory.mktemp("admin")) as running:
        running.services.relay = running.relay = RecordingRelay()
        await teach(running)
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def admin(desk: Desk) -> Visitor:
    return await desk.sign_in("county")


async def teach(desk: Desk) -> str:
    """A lesson of 40 minutes: one leg sees it all, one is late and cut, one never comes."""
    lesson_id = await book_lesson(desk, "teacher", ["lz14", "lz15", "fc-sg"], "k", START)
    rooms = {code: (await rooms_of_school(desk, code))[0].id for code in ("lz14", "lz15")}
    desk.clock.now = START
    await reconcile(desk.db, START, desk.services.timing)
    facts = [
        *evidence(lesson_id, rooms["lz14"], (0, 40)),
        *evidence(lesson_id, rooms["lz15"], (6, 20), (21, 40)),
    ]
    await append(desk.db, "n1", 1, facts)
    desk.clock.now = START + timedelta(minutes=45)
    await reconcile(desk.db, desk.clock.now, desk.services.timing)
    return lesson_id


def evidence(lesson_id: str, room_id: str, *spans: tuple[float, float]) -> list[NewFact]:
    kinds = (FactKind.CONNECTED, FactKind.RECEIVED, FactKind.SHOWN, FactKind.HEARD)
    return [
        NewFact(
            lesson_id=lesson_id,
            subject=f"room:{room_id}",
            role="LEG",
            boot="b",
            seq=number,
            peer=f"{room_id}{number}"[:32],
            kind=kind,
            starts_at=START + timedelta(minutes=first),
            ends_at=START + timedelta(minutes=last),
        )
        for number, (first, last) in enumerate(spans)
        for kind in kinds
    ]


async def text(visitor: Visitor, path: str, status: int = 200) -> str:
    answer = await visitor.get(path)
    assert answer.status == status, path
    return await answer.text()


async def test_the_usage_log_shows_who_saw_what(admin: Visitor) -> None:
    page = await text(admin, "/admin/usage")
    assert "草原" in page
    assert "迟到 6 分 · 中断 1 次共 1 分" in page
    assert "2/3" in page  # two of three legs attended
    bars = re.findall(r'<rect class="bar (\w+)"[^>]*><title>([^<]+)</title>', page)
    assert ("shown", "屏幕上有画面 10:00:00–10:40:00 (40 分)") in bars
    assert ("gap", "中断 10:20:00–10:21:00 (1 分)") in bars
    lanes = "".join(re.findall(r'<svg class="lane".*?</svg>', page, re.S))
    assert lanes.count('class="bar ') == len(bars)  # every bar is titled


async def test_filters_stay_in_the_address_and_narrow_the_rows(desk: Desk, admin: Visitor) -> None:
    (school,) = {room.school_id for room in await rooms_of_school(desk, "lz15")}
    page = await text(admin, f"/admin/usage?school={school}&q=草原")
    assert f'value="{school}" selected' in page
    assert 'value="草原"' in page
    assert f"school={school}" in re.findall(r'href="(/admin/usage.csv[^"]*)"', page)[0]
    assert "迟到 6 分" in page
    empty = await text(admin, "/admin/usage?from=2026-01-01&to=2026-01-02")
    assert "这段时间没有上过的课" in empty
    assert "没有" in await text(admin, "/admin/usage?q=nothing-like-this")


async def test_the_export_opens_with_every_leg(admin: Visitor) -> None:
    answer = await admin.get("/admin/usage.csv")
    assert answer.content_type == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    raw = await answer.read()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    by_school = {row["学校"]: row for row in rows}
    late = next(row for school, row in by_school.items() if "十五" in school)
    assert (late["到课"], late["进入"], late["迟到（秒）"]) == ("迟到", "10:06:00", "360")
    assert (late["中断次数"], late["中断（秒）"], late["画面（分）"]) == ("1", "60.0", "33.0")
    never = next(row for school, row in by_school.items() if "山柑" in school)
    assert (never["到课"], never["进入"], never["画面（分）"]) == ("未到", "", "0.0")


async def test_a_lesson_has_a_page_of_its_own(desk: Desk, admin: Visitor) -> None:
    listed = await text(admin, "/admin/usage")
    (path,) = set(re.findall(r'href="(/admin/usage/[0-9a-f]{16})"', listed))
    page = await text(admin, path)
    assert "录播教室" in page
    assert "主讲" in page
    await text(admin, "/admin/usage/0000000000000000", 404)


async def test_the_overview_tells_what_needs_somebody(desk: Desk, admin: Visitor) -> None:
    page = await text(admin, "/admin")
    assert "没有终端" in page
    desk.clock.now = MORNING.replace(hour=13, minute=30)
    await book_lesson(desk, "teacher", ["lz16"], "soon", MORNING.replace(hour=14, minute=0))
    page = await text(admin, "/admin")
    alerts = re.findall(r'<li><span class="state bad">故障</span> <a [^>]*>([^<]*)</a>', page)
    assert len([one for one in alerts if "没有终端，14:00 有课《草原》" in one]) == 2


async def test_a_screen_is_approved_replaced_and_revoked(desk: Desk, admin: Visitor) -> None:
    (room, *_rest) = await rooms_of_school(desk, "lz13")
    relay = desk.services.relay
    assert isinstance(relay, RecordingRelay)
    page = await text(admin, "/admin/terminals")
    assert "http://tongke.test/terminal" in page

    first = await enrolment.begin_pairing(desk.db, desk.clock(), "Kiosk/1", "10.1.x.x")
    page = await text(admin, f"/admin/terminals?code={first.code}")
    assert "来自 10.1.x.x" in page
    path = "/admin/terminals/approve"
    answer = await admin.post(path, {"code": first.code.lower() + " ", "room": room.id})
    assert answer.status == 303
    assert relay.revoked == []  # nobody had this room before
    async with desk.db.read() as session:
        former = await enrolment.terminal_of_token(session, first.secret)
    assert former is not None

    second = await enrolment.begin_pairing(desk.db, desk.clock(), "Kiosk/2", "10.1.x.x")
    answer = await admin.post(path, {"code": second.code, "room": room.id})
    assert answer.status == 409
    assert "已经有一台终端" in await answer.text()
    answer = await admin.post(path, {"code": second.code, "room": room.id, "replace": "yes"})
    assert answer.status == 303
    async with desk.db.read() as session:
        assert await enrolment.terminal_of_token(session, first.secret) is None
        terminal = await enrolment.terminal_of_token(session, second.secret)
    assert terminal is not None
    assert [names for names, _until in relay.revoked] == [(former.id,)]  # not the room itself

    answer = await admin.post(f"/admin/terminals/{terminal.id}/revoke", {})
    assert answer.status == 303
    assert relay.revoked[-1][0] == (terminal.id,)
    assert relay.revoked[-1][1] > desk.clock() + timedelta(hours=24)
    async with desk.db.read() as session:
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


async def test_a_wrong_code_is_told_and_the_room_kept(desk: Desk, admin: Visitor) -> None:
    (room, *_rest) = await rooms_of_school(desk, "lz13")
    answer = await admin.post("/admin/terminals/approve", {"code": "222222", "room": room.id})
    assert answer.status == 422
    page = await answer.text()
    assert "没有等待中的屏幕显示这个配对码" in page
    assert f'value="{room.id}" selected' in page


async def test_a_school_admin_sees_only_the_own_rooms(desk: Desk) -> None:
    actor = await desk.actor("school")
    visitor = await desk.sign_in("school")
    page = await text(visitor, "/admin/terminals")
    async with desk.db.read() as session:
        schools = await directory.schools(session)
    own = {one.name for one in schools if one.id in actor.grants[0].school_ids}
    shown = set(re.findall(r'<optgroup label="([^"]+)"', page))
    assert shown == own
    foreign = next(one for one in schools if one.name not in own)
    (room, *_rest) = await rooms_of_school(desk, foreign.code)
    pairing = await enrolment.begin_pairing(desk.db, desk.clock(), "x", "x")
    answer = await visitor.post("/admin/terminals/approve", {"code": pairing.code, "room": room.id})
    assert answer.status == 403
    await visitor.close()


async def test_the_organisation_as_tree_rooms_and_people(admin: Visitor) -> None:
    tree = await text(admin, "/admin/organisation")
    for words in (
        "雷州市第一小学城乡教育共同体",
        "雷州市第十二小学城乡教育共同体",
        "教育集团",
        "附城镇山柑小学",
    ):
        assert words in tree
    assert "录播教室" in await text(admin, "/admin/organisation?tab=rooms&q=录播")
    assert "没有符合条件的人员" in await text(admin, "/admin/organisation?tab=people&q=nobody")
    answer = await admin.get("/admin/organisation/rooms.csv")
    rows = list(csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
    assert len(rows) == 18


def upload(content: bytes, token: str, **fields: str) -> FormData:
    form = FormData()
    form.add_field("csrf_token", token)
    form.add_field("file", content, filename="county.toml", content_type="application/toml")
    for name, value in fields.items():
        form.add_field(name, value)
    return form


async def send(admin: Visitor, content: bytes, **fields: str) -> tuple[int, str]:
    await admin.get("/admin/organisation/import")
    answer = await admin.client.post(
        "/admin/organisation/import", data=upload(content, admin.token, **fields)
    )
    return answer.status, await answer.text()


async def test_an_import_is_checked_then_done(admin: Visitor) -> None:
    # The demo's file holds passwords, which a page never takes.
    plain = re.sub(r"(?ms)^\[\[account\]\].*?(?=^\[|\Z)", "", COUNTY.read_text("utf-8"))
    status, page = await send(admin, plain.encode(), check="yes")
    assert (status, "可以导入。还没有写入任何内容" in page) == (200, True), page
    status, page = await send(admin, plain.encode())
    assert status == 200
    assert "county.toml 已导入" in page
    assert "新增 0 项" in page  # every entry was known by its code


async def test_an_import_with_mistakes_names_lines_and_fields_and_writes_nothing(
    desk: Desk, admin: Visitor
) -> None:
    async with desk.db.read() as session:
        before = await directory.rooms(session, active_only=False)
    bad = '[county]\ncode = "leizhou"\nname = "x"\n[[room]]\ncode = "new"\nkind = "CASTLE"\n'
    status, page = await send(admin, bad.encode())
    assert status == 422
    assert "没有导入任何内容" in page
    found = re.findall(r'<tr><td class="right">(\d+)</td><td><code>([^<]+)</code>', page)
    assert ("6", "room[0].kind") in found or ("6", "room[1].kind") in found
    async with desk.db.read() as session:
        assert await directory.rooms(session, active_only=False) == before


@pytest.mark.parametrize(
    ("content", "words"), [(b"\xb1\xb1\xbe\xa9", "不是 UTF-8"), (b"= = =", "没有导入任何内容")]
)
async def test_what_is_no_toml_is_refused_in_words(
    admin: Visitor, content: bytes, words: str
) -> None:
    status, page = await send(admin, content)
    assert status == 422
    assert words in page


async def test_no_file_is_told(admin: Visitor) -> None:
    await admin.get("/admin/organisation/import")
    answer = await admin.post("/admin/organisation/import", {})
    assert answer.status == 422
    assert "请选择一个 TOML 文件" in await answer.text()


async def test_audit_shows_and_exports_what_was_done(admin: Visitor) -> None:
    page = await text(admin, "/admin/audit?action=terminal.")
    assert "批准终端" in page
    assert "<td>登录</td>" not in page
    answer = await admin.get("/admin/audit.csv?action=terminal.")
    rows = list(csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
    assert {row["操作"] for row in rows} == {"批准终端", "解除终端"}
    assert "这段时间没有记录" in await text(admin, "/admin/audit?q=nothing-like-this")
    assert "这段时间没有记录" in await text(admin, "/admin/audit?q=%25")  # % is no wildcard


async def test_the_system_page_shows_the_nodes(admin: Visitor) -> None:
    page = await text(admin, "/admin/system")
    assert "正常" in page
    assert "SQLite" in page
    assert "现在没有课堂经过转发节点。" in page


async def test_the_system_page_shows_a_lessons_lines_by_name(admin: Visitor, desk: Desk) -> None:
    async with desk.services.db.read() as session:
        host, watching = (await directory.rooms(session))[:2]
    found = node_figures("l1", f"room:{host.id}", f"room:{watching.id}")
    relay = desk.relay
    assert isinstance(relay, RecordingRelay)
    relay.figures = {"n1": asdict(found)}
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
