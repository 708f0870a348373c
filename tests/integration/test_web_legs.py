"""The assistant's taps and the administrator's remark on the pages, in both languages."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

from scheduler.booking.book import book
from scheduler.events.kinds import EventKind
from scheduler.events.topics import room_topic
from scheduler.lessons.views import lesson_view
from scheduler.lifecycle.reconcile import reconcile
from scheduler.organisation import directory
from tests.support.lessons import lesson_command
from tests.support.webclient import MORNING, Site, Visitor

TEN = MORNING.replace(hour=10, minute=0)
TITLE = "草原"


async def booked(site: Site) -> tuple[str, str]:
    """Book the teacher's lesson with the assistant and a class of 33; return it and that leg."""
    command = await lesson_command(site, "teacher", ["fc-zx", "fc-cb"], "legs", TEN)
    helper = await site.actor("assistant")
    async with site.db.read() as session:
        school = next(s for s in await directory.schools(session) if s.code == "fc-zx")
        group = next(
            c
            for c in await directory.classes(session, school_ids=[school.id])
            if c.code == "fc-zx-5-1"
        )
    first = replace(command.legs[0], class_id=group.id, assistant_id=helper.person_id)
    command = replace(command, legs=(first, *command.legs[1:]))
    one = (await book(site.db, site.clock(), await site.actor("teacher"), command)).lesson_id
    async with site.db.read() as session:
        lesson = await lesson_view(session, one)
    return one, next(leg.id for leg in lesson.legs if leg.assistant)


async def forward_to(site: Site, minutes: float) -> None:
    """Set the clock to `minutes` after the lesson's start and let it do its work."""
    site.clock.now = TEN + timedelta(minutes=minutes)
    await reconcile(site.db, site.clock(), site.services.timing)


async def text(visitor: Visitor, path: str) -> str:
    response = await visitor.get(path)
    assert response.status == 200, path
    return await response.text()


async def test_the_assistant_confirms_and_the_teacher_sees_it(site: Site) -> None:
    one, leg = await booked(site)
    assistant, teacher = await site.sign_in("assistant"), await site.sign_in("teacher")
    for path in ("/today", "/timetable"):
        page = await text(assistant, path)
        assert TITLE in page
        assert "已邀请" in page
    assert "去确认参加" in await text(assistant, "/today")
    page = await text(assistant, f"/lessons/{one}")
    assert page.count(f"/legs/{leg}/confirm") == 1
    assert page.count('/confirm"') == 1, "the other school's leg is not theirs"
    assert "0 / 2 个班级已确认" in await text(teacher, f"/lessons/{one}")
    answer = await assistant.post(f"/lessons/{one}/legs/{leg}/confirm", {})
    assert (answer.status, answer.headers["Location"]) == (
        303,
        f"/lessons/{one}?done=confirmed#legs",
    )
    assert "1 / 2 个班级已确认" in await text(teacher, f"/lessons/{one}")
    assert f"/legs/{leg}/confirm" not in await text(teacher, f"/lessons/{one}")
    assert "去确认参加" not in await text(assistant, "/today")


async def test_a_declined_room_is_pointed_out_and_can_be_removed(site: Site) -> None:
    one, leg = await booked(site)
    assistant, teacher = await site.sign_in("assistant"), await site.sign_in("teacher")
    assert (await assistant.post(f"/lessons/{one}/legs/{leg}/decline", {})).status == 303
    page = await text(teacher, f"/lessons/{one}")
    assert "有班级不参加。教室仍为这节课占用，直到预约的老师移除这间教室。" in page
    assert f"/legs/{leg}/remove" in page
    assert f"/legs/{leg}/remove" not in await text(assistant, f"/lessons/{one}")
    assert (await assistant.post(f"/lessons/{one}/legs/{leg}/remove", {})).status == 403
    assert (await teacher.post(f"/lessons/{one}/legs/{leg}/remove", {})).status == 303
    (event,) = await site.events(EventKind.LESSON_REMOVE_LEG)
    gone = room_topic(str(event.before["room"]))
    assert event.object_id == one
    assert gone in event.topics, "the terminal of the room does not learn that it is free"
    assert f"/legs/{leg}/" not in await text(teacher, f"/lessons/{one}")
    assert TITLE not in await text(assistant, "/today")


async def test_a_head_count_in_two_taps_and_everywhere_beside_the_evidence(site: Site) -> None:
    one, leg = await booked(site)
    assistant, admin = await site.sign_in("assistant"), await site.sign_in("county")
    place = f"/lessons/{one}/legs/{leg}/head-count"
    assert place not in await text(assistant, f"/lessons/{one}"), "nobody has come yet"
    assert (await assistant.post(place, {"pupils": "30"})).status == 422
    await forward_to(site, -3)
    page = await text(assistant, f"/lessons/{one}")
    assert "全到 33 人" in page
    assert 'inputmode="numeric"' in page
    assert (await assistant.post(place, {"pupils": "33"})).status == 303
    await forward_to(site, 1)
    assert (await assistant.post(place, {"pupils": "31"})).status == 303
    for nonsense in ("", "-1", "x", "501", "9999999", "3.5"):
        assert (await assistant.post(place, {"pupils": nonsense})).status == 422, nonsense
    page = await text(assistant, f"/lessons/{one}")
    assert "31 / 33 人" in page
    assert "比应到少 2 人" in page
    assert "33 人" in page, "what was counted before stays"
    await forward_to(site, 45)
    for path in ("/admin/usage", f"/admin/usage/{one}", f"/lessons/{one}"):
        found = await text(admin, path)
        assert "31" in found, path
        assert "/ 33" in found, path
    assert "填了人数，但没有画面" in await text(admin, "/admin/usage")
    row = await exported(admin, one)
    assert (row["实到人数"], row["应到人数"]) == ("31", "33")
    assert row["人数填写时间"] == "2026-11-18 10:01:00"


async def test_a_remark_stands_beside_the_result_everywhere(site: Site) -> None:
    one, leg = await booked(site)
    admin, teacher = await site.sign_in("county"), await site.sign_in("teacher")
    place = f"/admin/usage/{one}/legs/{leg}/remarks"
    await forward_to(site, 0)
    assert place not in await text(admin, f"/admin/usage/{one}")
    await forward_to(site, 45)
    assert place in await text(admin, f"/admin/usage/{one}")
    before = await exported(admin, one)
    wrong = ({"status": "X", "reason": "停电"}, {"status": "PRESENT", "reason": " "})
    for fields in wrong:
        assert (await admin.post(place, fields)).status == 422
    assert (await teacher.post(place, {"status": "PRESENT", "reason": "停电"})).status == 403
    saved = await admin.post(place, {"status": "PRESENT", "reason": "停电<b>后补看"})
    assert saved.status == 303
    for visitor, path in (
        (admin, "/admin/usage"),
        (admin, f"/admin/usage/{one}"),
        (teacher, f"/lessons/{one}"),
    ):
        page = await text(visitor, path)
        assert "停电&lt;b&gt;后补看" in page, path
        assert "10:45" in page, path
    row = await exported(admin, one)
    assert (row["更正为"], row["更正理由"]) == ("到课", "停电<b>后补看")
    assert row["更正时间"] == "2026-11-18 10:45:00"
    computed = ("到课", "进入", "离开", "收到（分）", "画面（分）")
    assert [row[name] for name in computed] == [before[name] for name in computed]
    assert row["到课"] == "未到"


async def test_the_same_by_json(site: Site) -> None:
    one, leg = await booked(site)
    assistant, admin = await site.sign_in("assistant"), await site.sign_in("county")
    base = f"/api/v1/lessons/{one}/legs/{leg}"
    answer = await assistant.call("POST", f"{base}/confirm")
    assert (answer.status, (await answer.json())["state"]) == (200, "CONFIRMED")
    assert (await assistant.call("POST", f"{base}/decline")).status == 200
    await forward_to(site, 1)
    assert (await assistant.call("POST", f"{base}/confirm")).status == 409
    counted = await assistant.call("POST", f"{base}/head-count", {"pupils": 28})
    assert (counted.status, (await counted.json())["pupils"]) == (201, 28)
    for nonsense in ({}, {"pupils": -1}, {"pupils": "28"}, {"pupils": 28, "x": 1}):
        refused = await assistant.call("POST", f"{base}/head-count", nonsense)
        assert refused.status == 422, nonsense
    remark = {"status": "PARTIAL", "reason": "提前放学"}
    assert (await admin.call("POST", f"{base}/remarks", remark)).status == 422
    await forward_to(site, 45)
    assert (await assistant.call("POST", f"{base}/remarks", remark)).status == 403
    assert (await admin.call("POST", f"{base}/remarks", remark)).status == 201
    assert (await admin.call("POST", f"{base}/remarks", {**remark, "status": "X"})).status == 422
    assert (await admin.call("POST", f"{base}/remove")).status == 422
    stranger = await site.sign_in("teacher2")
    foreign = await stranger.call("POST", f"{base}/head-count", {"pupils": 1})
    assert foreign.status == 404


async def test_without_the_token_nothing_is_written(site: Site) -> None:
    one, leg = await booked(site)
    assistant = await site.sign_in("assistant")
    assistant.token = "wrong"
    for path in (f"/lessons/{one}/legs/{leg}/confirm", f"/api/v1/lessons/{one}/legs/{leg}/confirm"):
        assert (await assistant.post(path, {})).status == 403, path
    assistant = await site.sign_in("assistant")
    assert "去确认参加" in await text(assistant, "/today")


async def exported(admin: Visitor, lesson_id: str) -> dict[str, str]:
    """Return the export's row of the assistant's school."""
    response = await admin.client.get("/admin/usage.csv")
    content = (await response.read()).decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(content))
    return next(r for r in rows if r["课程编号"] == lesson_id and r["班级"])
