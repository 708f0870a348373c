"""What people do with one leg on the lesson page: answer, count, remove; and what they see."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web as http
from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.access.actor import Actor
from scheduler.booking.legs import remove_leg
from scheduler.lessons.predicates import is_countable, is_open
from scheduler.lessons.rules import may_answer, may_change, may_count
from scheduler.lessons.shapes import LegView, LessonView
from scheduler.lessons.states import LegEvent, LegState, LessonState
from scheduler.lifecycle.answers import answer_leg
from scheduler.usage.head_counts import MOST_PUPILS, enter_head_count
from scheduler.usage.query import head_counts
from scheduler.usage.rows import Counted
from web.kit.problems import HttpProblem
from web.kit.requests.lessons import find_lesson
from web.kit.services import ACTOR, services_of
from web.kit.words.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class LegPanel:
    """A leg as its people see it on the lesson page: what is known, and what they may do."""

    leg: LegView
    counts: tuple[Counted, ...]
    confirms: bool
    declines: bool
    counted_by_me: bool
    removes: bool

    @property
    def pupils(self) -> int | None:
        """How many the class has."""
        return self.leg.class_group.pupils if self.leg.class_group else None

    @property
    def newest(self) -> Counted | None:
        return self.counts[-1] if self.counts else None

    @property
    def short(self) -> int:
        """How many fewer than the class were counted; below 0: more."""
        if self.newest is None or self.pupils is None:
            return 0
        return self.pupils - self.newest.pupils

    @property
    def shown(self) -> bool:
        """There is something to do or to read."""
        return bool(self.confirms or self.declines or self.counted_by_me or self.counts)


async def leg_panels(
    session: AsyncSession, actor: Actor, lesson: LessonView
) -> Mapping[str, LegPanel]:
    """Return the lesson's legs by id, in its order."""
    counts = await head_counts(session, [lesson.id])
    return {leg.id: leg_panel(actor, lesson, leg, counts.get(leg.id, ())) for leg in lesson.legs}


def leg_panel(
    actor: Actor, lesson: LessonView, leg: LegView, counts: tuple[Counted, ...]
) -> LegPanel:
    """Return one leg for this reader. Pure."""
    assistant, school = (leg.assistant.id if leg.assistant else None), leg.room.school_id
    answers = is_open(lesson.state) and may_answer(actor, assistant, school)
    counting = may_count(actor, (lesson.host_teacher.id, assistant), school)
    changing = may_change(actor, lesson.ownership) and lesson.state is LessonState.BOOKED
    return LegPanel(
        leg,
        counts,
        confirms=answers and leg.state in (LegState.INVITED, LegState.DECLINED),
        declines=answers and leg.state in (LegState.INVITED, LegState.CONFIRMED),
        counted_by_me=is_countable(lesson.state) and counting,
        removes=changing and leg.state is LegState.DECLINED and len(lesson.legs) > 1,
    )


async def head_count(request: http.Request) -> http.StreamResponse:
    """POST /lessons/{id}/legs/{leg_id}/head-count: pupils."""
    text = str((await request.post()).get("pupils", "")).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise HttpProblem(
            422, "no-number", _("人数应在 0 到 %(most)d 之间。") % {"most": MOST_PUPILS}
        )
    services, lesson = services_of(request), await find_lesson(request)
    now, leg_id = services.clock(), request.match_info["leg_id"]
    await enter_head_count(services.db, now, request[ACTOR], lesson.id, leg_id, int(text))
    return _back(lesson, "counted")


async def confirm(request: http.Request) -> http.StreamResponse:
    """POST /lessons/{id}/legs/{leg_id}/confirm."""
    return _back(await _answer(request, LegEvent.CONFIRM), "confirmed")


async def decline(request: http.Request) -> http.StreamResponse:
    """POST /lessons/{id}/legs/{leg_id}/decline."""
    return _back(await _answer(request, LegEvent.DECLINE), "declined")


async def _answer(request: http.Request, event: LegEvent) -> LessonView:
    services, lesson = services_of(request), await find_lesson(request)
    leg_id = request.match_info["leg_id"]
    await answer_leg(services.db, services.clock(), request[ACTOR], lesson.id, leg_id, event)
    return lesson


async def remove(request: http.Request) -> http.StreamResponse:
    """POST /lessons/{id}/legs/{leg_id}/remove."""
    services, lesson = services_of(request), await find_lesson(request)
    leg_id = request.match_info["leg_id"]
    await remove_leg(services.db, services.clock(), request[ACTOR], lesson.id, leg_id)
    return _back(lesson, "removed")


def _back(lesson: LessonView, done: str) -> http.StreamResponse:
    raise http.HTTPSeeOther(f"/lessons/{lesson.id}?done={done}#legs")
