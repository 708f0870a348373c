"""课堂: one lesson before, during and after."""

from typing import Any

from aiohttp import web as http

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.booking import cancel as cancelling
from scheduler.booking.errors import BookingRefused
from scheduler.kernel.sentences import N_
from scheduler.lessons.predicates import is_meeting, is_open, was_held
from scheduler.lessons.rules import may_change, may_end, stage_role
from scheduler.lessons.shapes import LessonView
from scheduler.lessons.states import LessonState
from scheduler.lifecycle.ending import end_lesson
from scheduler.usage.lesson_usage import lesson_attendance
from web.kit.pages.templating import render
from web.kit.requests.lessons import find_lesson
from web.kit.rooms.readiness import readiness_of_rooms
from web.kit.services import ACTOR, services_of
from web.kit.translate import translated
from web.kit.words.i18n import gettext as _
from web.teacher.lesson.legs import leg_panels

DONE = {
    "booked": N_("已预约。到时间教室会自动进入课堂，不用任何操作。"),
    "moved": N_("已改到新的时间，各教室和老师会看到新的安排。"),
    "cancelled": N_("已取消，占用的教室和老师都已释放。"),
    "ended": N_("已下课，教室已释放。"),
    "counted": N_("人数已记下。"),
    "confirmed": N_("已确认参加，主讲老师会看到。"),
    "declined": N_("已回复不参加。教室仍为这节课占用，直到预约的老师移除这间教室。"),
    "removed": N_("教室已移除，可以另作安排。"),
}
REASONS = (N_("老师请假"), N_("学校活动"), N_("设备或网络问题"), N_("重复预约"))


async def page(request: http.Request) -> http.StreamResponse:
    """GET /lessons/{id}."""
    return await _page(request, await find_lesson(request))


async def cancel(request: http.Request) -> http.StreamResponse:
    """POST /lessons/{id}/cancel: reason."""
    services = services_of(request)
    lesson = await find_lesson(request)
    reason = str((await request.post()).get("reason", ""))
    try:
        await cancelling.cancel(services.db, services.clock(), request[ACTOR], lesson.id, reason)
    except BookingRefused as error:
        return await _page(
            request,
            lesson,
            " ".join(translated(problem.sentence) for problem in error.problems),
            422,
        )
    raise http.HTTPSeeOther(f"/lessons/{lesson.id}?done=cancelled")


async def end(request: http.Request) -> http.StreamResponse:
    """POST /lessons/{id}/end."""
    services, lesson = services_of(request), await find_lesson(request)
    await end_lesson(services.db, services.clock(), request[ACTOR], lesson.id, services.timing)
    raise http.HTTPSeeOther(f"/lessons/{lesson.id}?done=ended")


async def _page(
    request: http.Request, lesson: LessonView, refused: str = "", status: int = 200
) -> http.Response:
    services, actor = services_of(request), request[ACTOR]
    now = services.clock()
    async with services.db.read() as session:
        readiness = await readiness_of_rooms(session, lesson, now)
        panels = await leg_panels(session, actor, lesson)
    usage = None
    if was_held(lesson.state):
        usage = await lesson_attendance(services.db, lesson.id, now, services.policy)
    role = stage_role(actor, lesson.ownership, lesson.school_ids)
    context = {
        "lesson": lesson,
        "readiness": readiness,
        "panels": panels,
        "ready_count": sum(readiness[leg.room.id].fine for leg in lesson.legs),
        "usage": usage,
        "usage_url": f"/admin/usage/{lesson.id}" if actor.may(Action.USAGE_VIEW) else "",
        "done": _(DONE[done]) if (done := request.query.get("done", "")) in DONE else "",
        "refused": refused,
        "may_change": may_change(actor, lesson.ownership) and is_open(lesson.state),
        "may_end": may_end(actor, lesson.ownership) and lesson.state is LessonState.LIVE,
        "connects": role is not None and is_meeting(lesson.state),
        "publishes": role == "HOST" and is_meeting(lesson.state),
        "people_notified": people_notified(lesson, actor),
        "reasons": [_(reason) for reason in REASONS],
        "words": words(),
        "time_zone": services.settings.time_zone,
    }
    return render(request, "teacher/lesson.html", context, status)


def people_notified(lesson: LessonView, actor: Actor) -> int:
    """Return how many people besides the actor a change concerns."""
    return len(lesson.people_ids - {actor.person_id})


def words() -> dict[str, Any]:
    """Return what the live part of the page says, in the reader's language."""
    return {
        "in": _("在课堂"),
        "out": _("未进入"),
        "gone": _("已断开"),
        "seen": _("{n}/{all} 间教室看得见"),
        "more": _("{names}等 {n} 间"),
        "colon": _("："),
        "comma": _("、"),
        "semicolon": _("；"),
        "silent": _("信号中断"),
        "connecting": _("正在进入"),
        "picture": _("画面正常"),
        "noPicture": _("没有画面"),
        "sound": _("声音正常"),
        "noSound": _("没有声音"),
        "muted": _("静音播放"),
        "sends": _("正在送出"),
        "sendsNothing": _("没有送出"),
        "fromBrowser": _("老师的浏览器"),
        "live": _("与课堂实时连接"),
        "connectingStage": _("正在连接课堂…"),
        "elsewhere": _("您在另一个窗口也打开了这节课。点一下本页，实时情况回到这里。"),
        "stale": _("实时连接断开，下面是 {time} 的情况，正在重连…"),
        "closed": _("课堂已结束"),
        "others": _("另有 {n} 位老师或督导在看"),
        "camera": _("正在打开摄像头和麦克风…"),
        "cameraDenied": _("浏览器没有允许使用摄像头或麦克风。请点地址栏左侧的图标允许。"),
        "cameraMissing": _("没有找到摄像头或麦克风。请检查是否插好，或被别的程序占用。"),
        "cameraInsecure": _(
            "这个地址不是安全连接（HTTPS），浏览器不给用摄像头。请换用 HTTPS 地址。"
        ),
        "publishing": _("正在上课：画面和声音已送出"),
        "publishLost": _("送出中断，正在重试…"),
        "publishFailed": _("连不上课堂，正在重试…"),
        "takenOver": _("教室的终端接替了画面。要从这里上课，请先停下教室的终端，再点一次。"),
        "stopped": _("已停止送出"),
    }
