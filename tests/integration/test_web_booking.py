"""Booking on the pages: the form, conflicts and their ways out, moving, cancelling, ending."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from scheduler.lessons.shapes import LessonView
from scheduler.lessons.states import LessonState
from scheduler.lessons.views import lesson_view
from scheduler.lifecycle.reconcile import reconcile
from tests.support.lessons import book_lesson, host_rooms, rooms_of_school
from tests.support.webclient import MORNING, Desk, Visitor

TEN = MORNING.replace(hour=10, minute=0)


async def lesson(desk: Desk, lesson_id: str) -> LessonView:
    async with desk.db.read() as session:
        return await lesson_view(session, lesson_id)


async def filled(desk: Desk, **changed: str) -> list[tuple[str, str]]:
    """Return the fields of a good form: the third period today, two schools listening."""
    actor = await desk.actor("teacher")
    fields = {
        "day": "2026-11-18",
        "period": "10:00-10:40",
        "host_room": (await host_rooms(desk, "teacher"))[0].id,
        "host_teacher": actor.person_id,
        "subject": "语文",
        "title": "草原",
        "kind": "MASTER",
        "mode": "INTERACTIVE",
        "key": "form-1",
        **changed,
    }
    legs = [(await rooms_of_school(desk, code))[0].id for code in ("fc-zx", "fc-cb")]
    return [*fields.items(), *(("room", room) for room in legs)]


async def booked(visitor: Visitor, fields: list[tuple[str, str]]) -> str:
    answer = await visitor.post("/book/new", fields)
    assert answer.status == 303, await answer.text()
    found = re.fullmatch(r"/lessons/([0-9a-f]{16})\?done=booked", answer.headers["Location"])
    assert found
    return found.group(1)


async def test_a_teacher_books_from_the_grid(desk: Desk) -> None:
    visitor = await desk.sign_in("teacher")
    board = await (await visitor.get("/book")).text()
    free = unescape(re.findall(r'class="slot free" href="([^"]+)"', board)[0])
    form = await (await visitor.get(free)).text()
    assert 'value="10:00-10:40" selected' in form
    lesson_id = await booked(visitor, await filled(desk))
    made = await lesson(desk, lesson_id)
    assert (made.title, made.state, made.starts_at) == ("草原", LessonState.BOOKED, TEN)
    assert len(made.legs) == 2
    assert desk.told == [(lesson_id, made.room_ids)]
    board = await (await visitor.get("/book")).text()
    assert board.count(f'data-lesson="{lesson_id}"') == 3
    assert "已预约" in await (await visitor.get(f"/lessons/{lesson_id}?done=booked")).text()


async def test_a_double_click_makes_one_lesson(desk: Desk) -> None:
    visitor = await desk.sign_in("teacher")
    fields = await filled(desk)
    assert await booked(visitor, fields) == await booked(visitor, fields)


async def test_a_refused_form_comes_back_as_it_was(desk: Desk) -> None:
    visitor = await desk.sign_in("teacher")
    answer = await visitor.post("/book/new", await filled(desk, subject="", title="桥 <b>"))
    page = await answer.text()
    assert answer.status == 422
    assert "请填写学科" in page
    assert 'value="桥 &lt;b&gt;"' in page
    assert page.count('name="room"') > 2
    assert len(re.findall(r'name="room" value="[0-9a-f]{16}" checked', page)) == 2


async def test_a_conflict_says_what_who_when_and_one_click_solves_it(desk: Desk) -> None:
    visitor = await desk.sign_in("teacher")
    await booked(visitor, await filled(desk))
    again = await filled(desk, key="form-2", title="竹节人")
    answer = await visitor.post("/book/new", again)
    page = await answer.text()
    assert answer.status == 409
    assert re.search(r"草原 · 陈老师\(演示\)</a> 11月18日 周三 10:00–10:40", page)
    assert "附城镇中心小学" in page
    overlays = [unescape(o) for o in re.findall(r'name="apply" value="([^"]+)"', page)]
    assert 1 <= len(overlays) <= 4
    lesson_id = await booked(visitor, [*again, ("apply", overlays[0])])
    assert (await lesson(desk, lesson_id)).title == "竹节人"


async def test_the_preview_speaks_before_saving(desk: Desk) -> None:
    visitor = await desk.sign_in("teacher")
    fields = await filled(desk)
    clear = await (await visitor.post("/book/preview", fields)).text()
    assert "没有冲突，可以预约" in clear
    await booked(visitor, fields)
    taken = await (await visitor.post("/book/preview", await filled(desk, key="other"))).text()
    assert "占用了" in taken
    leg = (await rooms_of_school(desk, "fc-zx"))[0].id
    assert f"room:{leg}" in taken.split('data-taken="')[1].split('"')[0].split()


async def test_somebody_elses_room_is_refused_with_the_reason(desk: Desk) -> None:
    visitor = await desk.sign_in("teacher")
    far = (await rooms_of_school(desk, "lz12"))[0].id
    answer = await visitor.post("/book/new", [*await filled(desk), ("room", far)])
    assert answer.status == 403
    assert "不在您的教共体内" in await answer.text()


async def test_a_lesson_moves_and_a_stale_page_does_not(desk: Desk) -> None:
    visitor = await desk.sign_in("teacher")
    lesson_id = await booked(visitor, await filled(desk))
    fields = {"day": "2026-11-19", "period": "own", "starts": "19:00", "ends": "19:40"}
    moved = await visitor.post(f"/lessons/{lesson_id}/move", {**fields, "version": "1"})
    assert moved.headers["Location"] == f"/lessons/{lesson_id}?done=moved"
    evening = TEN.replace(hour=19) + timedelta(days=1)
    assert (await lesson(desk, lesson_id)).starts_at == evening
    stale = await visitor.post(f"/lessons/{lesson_id}/move", {**fields, "version": "1"})
    assert stale.status == 409
    assert "有人刚刚改过" in await stale.text()


async def test_moving_onto_another_lesson_offers_other_times(desk: Desk) -> None:
    visitor = await desk.sign_in("teacher")
    await booked(visitor, await filled(desk))
    late = await booked(visitor, await filled(desk, key="2", period="14:20-15:00"))
    fields = {"day": "2026-11-18", "period": "10:00-10:40", "version": "1"}
    answer = await visitor.post(f"/lessons/{late}/move", fields)
    page = await answer.text()
    assert answer.status == 409
    overlay = unescape(re.findall(r'name="apply" value="([^"]+)"', page)[0])
    moved = await visitor.post(f"/lessons/{late}/move", {**fields, "apply": overlay})
    assert moved.status == 303


async def test_cancelling_names_the_consequence_and_wants_a_reason(desk: Desk) -> None:
    visitor = await desk.sign_in("teacher")
    lesson_id = await booked(visitor, await filled(desk))
    page = await (await visitor.get(f"/lessons/{lesson_id}")).text()
    assert "取消后会释放 2 间听讲教室" in page
    refused = await visitor.post(f"/lessons/{lesson_id}/cancel", {"reason": " "})
    assert refused.status == 422
    answer = await visitor.post(f"/lessons/{lesson_id}/cancel", {"reason": "老师请假"})
    assert answer.headers["Location"] == f"/lessons/{lesson_id}?done=cancelled"
    assert (await lesson(desk, lesson_id)).state is LessonState.CANCELLED
    assert "老师请假" in await (await visitor.get(f"/lessons/{lesson_id}")).text()
    assert desk.told[-1][0] == lesson_id


async def test_ending_early_closes_the_stage_and_frees_the_rooms(desk: Desk) -> None:
    lesson_id = await book_lesson(desk, "teacher", ["fc-zx"], "k", TEN)
    visitor = await desk.sign_in("teacher")
    early = await visitor.post(f"/lessons/{lesson_id}/end", {})
    assert early.status == 409
    desk.clock.now = TEN + timedelta(minutes=20)
    await reconcile(desk.db, desk.clock(), desk.services.timing)
    page = await (await visitor.get(f"/lessons/{lesson_id}")).text()
    assert "提前下课" in page
    ended = await visitor.post(f"/lessons/{lesson_id}/end", {})
    assert ended.headers["Location"] == f"/lessons/{lesson_id}?done=ended"
    assert desk.relay.closed == [lesson_id]
    over = await lesson(desk, lesson_id)
    assert (over.state, over.actual_ended_at) == (LessonState.ENDED, desk.clock())
    assert "到课 0/1" in await (await visitor.get(f"/lessons/{lesson_id}")).text()


async def test_today_puts_the_next_lesson_on_top(desk: Desk) -> None:
    visitor = await desk.sign_in("teacher")
    assert "这一周没有您的课" in await (await visitor.get("/today")).text()
    lesson_id = await book_lesson(desk, "teacher", ["fc-zx"], "k", TEN)
    page = await (await visitor.get("/today")).text()
    assert page.index("22 分钟后") < page.index("今天的课")
    assert f"lesson:{lesson_id}" in page
    assert "没有终端" in page


@pytest.mark.parametrize("path", ["/today", "/book", "/book?view=week", "/timetable", "/book/new"])
async def test_every_page_stands_in_both_languages(desk: Desk, path: str) -> None:
    visitor = await desk.sign_in("teacher")
    for language, words in (("zh_CN", "今日"), ("en", "Today")):
        await visitor.post("/language", {"language": language})
        answer: Any = await visitor.get(path)
        assert answer.status == 200
        assert words in await answer.text()
