"""The organisation as the pages show it, and the import of a county's file, over HTTP."""

import re

import pytest
from aiohttp import FormData

from scheduler.organisation import directory
from tests.support.admin_site import exported, text
from tests.support.webclient import COUNTY, Site, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
    assert len(await exported(answer)) == 18


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
    site: Site, admin: Visitor
) -> None:
    async with site.db.read() as session:
        before = await directory.rooms(session, active_only=False)
    bad = '[county]\ncode = "leizhou"\nname = "x"\n[[room]]\ncode = "new"\nkind = "CASTLE"\n'
    status, page = await send(admin, bad.encode())
    assert status == 422
    assert "没有导入任何内容" in page
    found = re.findall(r'<tr><td class="right">(\d+)</td><td><code>([^<]+)</code>', page)
    assert ("6", "room[0].kind") in found or ("6", "room[1].kind") in found
    async with site.db.read() as session:
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


async def test_a_missing_file_is_reported(admin: Visitor) -> None:
    await admin.get("/admin/organisation/import")
    answer = await admin.post("/admin/organisation/import", {})
    assert answer.status == 422
    assert "请选择一个 TOML 文件" in await answer.text()
