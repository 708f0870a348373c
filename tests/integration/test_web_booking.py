"""Booking on the pages: the form, conflicts and their ways out, moving, cancelling, ending."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from scheduler.events.kinds import EventKind
from scheduler.events.topics import lesson_topic, room_topic
from scheduler.lessons.shapes import LessonView
from scheduler.lessons.states import LessonState
from scheduler.lessons.views import lesson_view
from scheduler.lifecycle.reconcile import reconcile
from scheduler.placement.orders import orders_of
from tests.support.lessons import book_lesson, host_rooms, rooms_of_school
from tests.support.webclient import MORNING, Site, Visitor

TEN = MORNING.replace(hour=10, minute=0)


async def lesson(site: Site, lesson_id: str) -> LessonView:
    async with site.db.read() as session:
        return await lesson_view(session, lesson_id)


async def filled(site: Site, **changed: str) -> list[tuple[str, str]]:
    """Return the fields of a good form: the third period today, two schools listening."""
    actor = await site.actor("teacher")
    fields = {
        "day": "2026-11-18",
        "period": "10:00-10:40",
        "host_room": (await host_rooms(site, "teacher"))[0].id,
        "host_teacher": actor.person_id,
        "subject": "语文",
        "title": "草原",
        "kind": "MASTER",
        "mode": "INTERACTIVE",
        "key": "form-1",
        **changed,
    }
    legs = [(await rooms_of_school(site, code))[0].id for code in ("fc-zx", "fc-cb")]
    return [*fields.items(), *(("room", room) for room in legs)]


async def booked(visitor: Visitor, fields: list[tuple[str, str]]) -> str:
    answer = await visitor.post("/book/new", fields)
    assert answer.status == 303, await answer.text()
    found = re.fullmatch(r"/lessons/([0-9a-f]{16})\?done=booked", answer.headers["Location"])
    assert found
    return found.group(1)


async def test_a_teacher_books_from_the_grid(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    board = await (await visitor.get("/book")).text()
    free = unescape(re.findall(r'class="slot free" href="([^"]+)"', board)[0])
    form = await (await visitor.get(free)).text()
    assert 'value="10:00-10:40" selected' in form
    lesson_id = await booked(visitor, await filled(site))
    made = await lesson(site, lesson_id)
    assert (made.title, made.state, made.starts_at) == ("草原", LessonState.BOOKED, TEN)
    assert len(made.legs) == 2
    (event,) = await site.events(EventKind.LESSON_BOOK)
    rooms = {room_topic(room_id) for room_id in made.room_ids}
    assert set(event.topics) == {lesson_topic(lesson_id), *rooms}
    board = await (await visitor.get("/book")).text()
    assert board.count(f'data-lesson="{lesson_id}"') == 3
    assert "已预约" in await (await visitor.get(f"/lessons/{lesson_id}?done=booked")).text()


async def test_a_double_click_makes_one_lesson(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    fields = await filled(site)
    assert await booked(visitor, fields) == await booked(visitor, fields)


async def test_a_refused_form_comes_back_as_it_was(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    answer = await visitor.post("/book/new", await filled(site, subject="", title="桥 <b>"))
    page = await answer.text()
    assert answer.status == 422
    assert "请填写学科" in page
    assert 'value="桥 &lt;b&gt;"' in page
    assert page.count('name="room"') > 2
    assert len(re.findall(r'name="room" value="[0-9a-f]{16}" checked', page)) == 2


async def test_a_conflict_says_what_who_when_and_one_click_solves_it(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    await booked(visitor, await filled(site))
    again = await filled(site, key="form-2", title="竹节人")
    answer = await visitor.post("/book/new", again)
    page = await answer.text()
    assert answer.status == 409
    assert re.search(r"草原 · 陈老师\(演示\)</a> 11月18日 周三 10:00–10:40", page)
    assert "附城镇中心小学" in page
    overlays = [unescape(o) for o in re.findall(r'name="apply" value="([^"]+)"', page)]
    assert 1 <= len(overlays) <= 4
    lesson_id = await booked(visitor, [*again, ("apply", overlays[0])])
    assert (await lesson(site, lesson_id)).title == "竹节人"


async def test_the_preview_names_conflicts_before_saving(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    fields = await filled(site)
    clear = await (await visitor.post("/book/preview", fields)).text()
    assert "没有冲突，可以预约" in clear
    await booked(visitor, fields)
    taken = await (await visitor.post("/book/preview", await filled(site, key="other"))).text()
    assert "占用了" in taken
    leg = (await rooms_of_school(site, "fc-zx"))[0].id
    assert f"room:{leg}" in taken.split('data-taken="')[1].split('"')[0].split()


async def test_somebody_elses_room_is_refused_with_the_reason(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    far = (await rooms_of_school(site, "lz12"))[0].id
    answer = await visitor.post("/book/new", [*await filled(site), ("room", far)])
    assert answer.status == 403
    assert "不在您的教共体内" in await answer.text()


async def test_a_lesson_moves_and_a_stale_page_does_not(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    lesson_id = await booked(visitor, await filled(site))
    fields = {"day": "2026-11-19", "period": "own", "starts": "19:00", "ends": "19:40"}
    moved = await visitor.post(f"/lessons/{lesson_id}/move", {**fields, "version": "1"})
    assert moved.headers["Location"] == f"/lessons/{lesson_id}?done=moved"
    evening = TEN.replace(hour=19) + timedelta(days=1)
    assert (await lesson(site, lesson_id)).starts_at == evening
    stale = await visitor.post(f"/lessons/{lesson_id}/move", {**fields, "version": "1"})
    assert stale.status == 409
    assert "有人刚刚改过" in await stale.text()


async def test_moving_onto_another_lesson_offers_other_times(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    await booked(visitor, await filled(site))
    late = await booked(visitor, await filled(site, key="2", period="14:20-15:00"))
    fields = {"day": "2026-11-18", "period": "10:00-10:40", "version": "1"}
    answer = await visitor.post(f"/lessons/{late}/move", fields)
    page = await answer.text()
    assert answer.status == 409
    overlay = unescape(re.findall(r'name="apply" value="([^"]+)"', page)[0])
    moved = await visitor.post(f"/lessons/{late}/move", {**fields, "apply": overlay})
    assert moved.status == 303


async def test_cancelling_names_the_consequence_and_wants_a_reason(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    lesson_id = await booked(visitor, await filled(site))
    page = await (await visitor.get(f"/lessons/{lesson_id}")).text()
    assert "取消后会释放 2 间听讲教室" in page
    refused = await visitor.post(f"/lessons/{lesson_id}/cancel", {"reason": " "})
    assert refused.status == 422
    answer = await visitor.post(f"/lessons/{lesson_id}/cancel", {"reason": "老师请假"})
    assert answer.headers["Location"] == f"/lessons/{lesson_id}?done=cancelled"
    assert (await lesson(site, lesson_id)).state is LessonState.CANCELLED
    assert "老师请假" in await (await visitor.get(f"/lessons/{lesson_id}")).text()
    (event,) = await site.events(EventKind.LESSON_CANCEL)
    assert (event.object_id, event.after["reason"]) == (lesson_id, "老师请假")


async def test_ending_early_closes_the_stage_and_frees_the_rooms(site: Site) -> None:
    lesson_id = await book_lesson(site, "teacher", ["fc-zx"], "k", TEN)
    visitor = await site.sign_in("teacher")
    early = await visitor.post(f"/lessons/{lesson_id}/end", {})
    assert early.status == 409
    site.clock.now = TEN + timedelta(minutes=20)
    await reconcile(site.db, site.clock(), site.services.timing)
    page = await (await visitor.get(f"/lessons/{lesson_id}")).text()
    assert "提前下课" in page
    ended = await visitor.post(f"/lessons/{lesson_id}/end", {})
    assert ended.headers["Location"] == f"/lessons/{lesson_id}?done=ended"
    (event,) = await site.events(EventKind.LESSON_END)
    assert [order.names for order in orders_of(event)] == [(lesson_id,)]
    over = await lesson(site, lesson_id)
    assert (over.state, over.actual_ended_at) == (LessonState.ENDED, site.clock())
    assert "到课 0/1" in await (await visitor.get(f"/lessons/{lesson_id}")).text()


async def test_today_puts_the_next_lesson_on_top(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    assert "这一周没有您的课" in await (await visitor.get("/today")).text()
    lesson_id = await book_lesson(site, "teacher", ["fc-zx"], "k", TEN)
    page = await (await visitor.get("/today")).text()
    assert page.index("22 分钟后") < page.index("今天的课")
    assert f"lesson:{lesson_id}" in page
    assert "没有终端" in page


@pytest.mark.parametrize("path", ["/today", "/book", "/book?view=week", "/timetable", "/book/new"])
async def test_every_page_stands_in_both_languages(site: Site, path: str) -> None:
    visitor = await site.sign_in("teacher")
    for language, words in (("zh_CN", "今日"), ("en", "Today")):
        await visitor.post("/language", {"language": language})
        answer: Any = await visitor.get(path)
        assert answer.status == 200
        assert words in await answer.text()
