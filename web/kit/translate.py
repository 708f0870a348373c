"""What the scheduler refuses, as problems in the reader's language. One table."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from scheduler.booking.errors import BookingConflict, BookingRefused
from scheduler.kernel.availability import DatabaseUnavailable
from scheduler.kernel.errors import Forbidden, NotFound, Refusal, Stale
from scheduler.kernel.sentences import Sentence
from scheduler.kernel.transitions import IllegalTransition
from web.kit.problems import HttpProblem, forbidden, not_found
from web.kit.words.formats import long_day
from web.kit.words.i18n import gettext as _


def translated(sentence: Sentence) -> str:
    """Return a sentence of the scheduler in the reader's language.

    Its parameters are names, apart from `day` (an ISO day, written as people write days) and
    `period` (a bell's own name for it).
    """
    text = _(sentence.text)
    if not sentence.params:
        return text
    return text % {name: _localised(name, value) for name, value in sentence.params.items()}


def _localised(name: str, value: object) -> object:
    if name != "day" or not isinstance(value, str):
        return value
    try:
        return long_day(date.fromisoformat(value))
    except ValueError:
        return value


def sentence_of(error: Refusal) -> str:
    """Return what a refusal says to the person: its own sentence, else that of its kind."""
    if error.sentence is not None:
        return translated(error.sentence)
    problem = problem_of(error)
    return problem.detail if problem else ""


def problem_of(error: Exception) -> HttpProblem | None:
    """Return the problem that `error` means to the caller; None when it was not expected."""
    if isinstance(error, HttpProblem):
        return error
    for kind, translate in TRANSLATIONS.items():
        if isinstance(error, kind):
            return translate(error)
    return None


def _forbidden(error: Any) -> HttpProblem:
    kind = forbidden()
    detail = translated(error.sentence) if error.sentence else kind.detail
    return HttpProblem(kind.status, kind.name, detail)


def _refused(error: Any) -> HttpProblem:
    problems = [
        {"code": problem.code, "field": problem.field, "detail": translated(problem.sentence)}
        for problem in error.problems
    ]
    detail = " ".join(problem["detail"] for problem in problems)
    return HttpProblem(422, "booking-refused", detail, {"problems": problems})


def _conflict(_error: Any) -> HttpProblem:
    return HttpProblem(409, "booking-conflict", _("这个时间有冲突，没有保存。"))


def _stale(_error: Any) -> HttpProblem:
    return HttpProblem(409, "stale", _("有人刚刚改过这节课，您的修改没有保存。请刷新后再试。"))


def _illegal(_error: Any) -> HttpProblem:
    return HttpProblem(409, "illegal-transition", _("这节课现在的状态不允许这样做，没有改动。"))


def _other(error: Any) -> HttpProblem:
    sentence = translated(error.sentence) if error.sentence else _("没有保存：请检查填写的内容。")
    return HttpProblem(422, "refused", sentence)


def _away(_error: Any) -> HttpProblem:
    sentence = _("数据库暂时没有响应，没有保存。正在上的课不受影响，请稍后再试。")
    return HttpProblem(503, "database-unavailable", sentence, headers={"Retry-After": "5"})


TRANSLATIONS: Mapping[type[Exception], Callable[[Any], HttpProblem]] = {
    DatabaseUnavailable: _away,
    BookingRefused: _refused,
    BookingConflict: _conflict,
    Forbidden: _forbidden,
    NotFound: lambda _error: not_found(),
    Stale: _stale,
    IllegalTransition: _illegal,
    Refusal: _other,
}
"""From the special to the general: the first that fits is used."""
