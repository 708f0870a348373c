"""The JSON documents that the lesson API takes. Unknown fields are refused."""

from typing import Annotated, TypeVar

from aiohttp import web as http
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.lessons.tables import LessonKind, LessonMode
from web.kit.middleware.plain import malformed
from web.kit.problems import HttpProblem
from web.kit.requests.ids import ID
from web.kit.words.i18n import gettext as _

Id = Annotated[str, Field(pattern=f"^{ID}$")]
MOST_LEGS = 200
"""More receiving rooms than any county has; a bound against nonsense."""


class Body(BaseModel):
    """Base of every document."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LegBody(Body):
    """One receiving room: {"room_id", "class_id"?, "assistant_id"?}."""

    room_id: Id
    class_id: Id | None = None
    assistant_id: Id | None = None


class LessonBody(Body):
    """POST /api/v1/lessons and /check. Times are RFC 3339 with an offset, or Unix seconds."""

    title: str = Field(max_length=120)
    subject: str = Field(max_length=40)
    kind: LessonKind = LessonKind.MASTER
    mode: LessonMode = LessonMode.INTERACTIVE
    community_id: Id | None = None
    host_room_id: Id
    host_teacher_id: Id
    host_class_id: Id | None = None
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    legs: tuple[LegBody, ...] = Field(default=(), max_length=MOST_LEGS)
    idempotency_key: str = Field(min_length=1, max_length=64)
    only_free: bool = False

    def command(self) -> BookLesson:
        """Return the same as the scheduler's command."""
        fields = {name: getattr(self, name) for name in type(self).model_fields if name != "legs"}
        legs = tuple(LegRequest(leg.room_id, leg.class_id, leg.assistant_id) for leg in self.legs)
        return BookLesson(legs=legs, **fields)


class MoveBody(Body):
    """POST /api/v1/lessons/{id}/move; `version` is the one that the caller has read."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    version: int


class CancelBody(Body):
    """POST /api/v1/lessons/{id}/cancel."""

    reason: str = Field(default="", max_length=200)


class EmptyBody(Body):
    """POST /api/v1/lessons/{id}/end: {} or nothing."""


B = TypeVar("B", bound=Body)


async def read_body(request: http.Request, kind: type[B]) -> B:
    """Return the document; raise HttpProblem(422) naming every wrong field."""
    try:
        text = await request.text()
    except (ValueError, LookupError):  # not of the charset that it claims, or of an unknown one
        raise malformed() from None
    if "\\u0000" in text:
        raise malformed()
    try:
        return kind.model_validate_json(text or "{}")
    except ValidationError as error:
        problems = [
            {"code": one["type"].upper(), "field": ".".join(map(str, one["loc"]))}
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        names = "、".join(dict.fromkeys(str(p["field"]) for p in problems if p["field"]))
        detail = _("这些内容填写有误：%(names)s。") % {"names": names or "JSON"}
        raise HttpProblem(422, "malformed", detail, {"problems": problems}) from None
