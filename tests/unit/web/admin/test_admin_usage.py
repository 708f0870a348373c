"""The overview, the usage log and its export, over HTTP."""

import re

import pytest

from tests.support.admin_site import exported, text
from tests.support.lessons import book_lesson, rooms_of_school
from tests.support.webclient import MORNING, Site, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


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


async def test_filters_stay_in_the_address_and_narrow_the_rows(site: Site, admin: Visitor) -> None:
    (school,) = {room.school_id for room in await rooms_of_school(site, "lz15")}
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
    by_school = {row["学校"]: row for row in await exported(answer)}
    late = next(row for school, row in by_school.items() if "十五" in school)
    assert (late["到课"], late["进入"], late["迟到（秒）"]) == ("迟到", "10:06:00", "360")
    assert (late["中断次数"], late["中断（秒）"], late["画面（分）"]) == ("1", "60.0", "33.0")
    never = next(row for school, row in by_school.items() if "山柑" in school)
    assert (never["到课"], never["进入"], never["画面（分）"]) == ("未到", "", "0.0")


async def test_a_lesson_has_a_page_of_its_own(site: Site, admin: Visitor) -> None:
    listed = await text(admin, "/admin/usage")
    (path,) = set(re.findall(r'href="(/admin/usage/[0-9a-f]{16})"', listed))
    page = await text(admin, path)
    assert "录播教室" in page
    assert "主讲" in page
    await text(admin, "/admin/usage/0000000000000000", 404)


async def test_the_overview_tells_what_needs_somebody(site: Site, admin: Visitor) -> None:
    page = await text(admin, "/admin")
    assert "没有终端" in page
    site.clock.now = MORNING.replace(hour=13, minute=30)
    await book_lesson(site, "teacher", ["lz16"], "soon", MORNING.replace(hour=14, minute=0))
    page = await text(admin, "/admin")
    alerts = re.findall(r'<li><span class="state bad">故障</span> <a [^>]*>([^<]*)</a>', page)
    assert len([one for one in alerts if "没有终端，14:00 有课《草原》" in one]) == 2
