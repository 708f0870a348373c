"""The JSON documents that the lesson API takes beside bookings. Unknown fields are refused."""

from collections.abc import Callable
from typing import TypeVar

from aiohttp import web as http
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from web.kit.middleware.plain import malformed
from web.kit.problems import HttpProblem
from web.kit.words.i18n import gettext as _


class Body(BaseModel):
    """Base of every document."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


T = TypeVar("T")

CODES = {"unexpected_keyword_argument": "extra_forbidden", "dataclass_type": "model_type"}
"""What pydantic says of a dataclass -> what it says of a model: callers see no difference."""


async def read_body(request: http.Request, parse: Callable[[str], T]) -> T:
    """Return the document that `parse` reads; raise HttpProblem(422) naming every wrong field."""
    try:
        text = await request.text()
    except (ValueError, LookupError):  # not of the charset that it claims, or of an unknown one
        raise malformed() from None
    if "\\u0000" in text:
        raise malformed()
    try:
        return parse(text or "{}")
    except ValidationError as error:
        problems = [
            {
                "code": CODES.get(one["type"], one["type"]).upper(),
                "field": ".".join(map(str, one["loc"])),
            }
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        names = "、".join(dict.fromkeys(str(p["field"]) for p in problems if p["field"]))
        detail = _("这些内容填写有误：%(names)s。") % {"names": names or "JSON"}
        raise HttpProblem(422, "malformed", detail, {"problems": problems}) from None
