"""A county from a TOML file: every problem at once, named by line and field; all or nothing.

The file is whole: what it refers to, it defines. Rows are found again by `code`, so that a second
import of the same file changes nothing. What is missing from a later file stays as it is: a room
is taken out of use by `active = false`, a membership ends by `until_on`.
"""

import re
import tomllib
from itertools import islice
from typing import Any

from pydantic import ValidationError

from scheduler.exchange.imports.checks import check
from scheduler.exchange.imports.county_file import CountyFile
from scheduler.exchange.imports.limits import too_much
from scheduler.exchange.imports.loading import load_county
from scheduler.exchange.imports.plan import (
    CountyPlan,
    ImportProblem,
    ImportRefused,
    ImportSummary,
    KindCount,
)
from scheduler.exchange.imports.toml_lines import LineMap, syntax_line
from scheduler.kernel.sentences import N_, say

__all__ = [
    "CountyPlan",
    "ImportProblem",
    "ImportRefused",
    "ImportSummary",
    "KindCount",
    "load_county",
    "parse_county",
]

MOST_PROBLEMS = 1000
"""A file with more is read again after these are mended."""


def parse_county(text: str, *, allow_passwords: bool = False) -> CountyPlan:
    """Return the plan of an import file.

    Raises ImportRefused with every problem, in the order of the lines. Accounts with passwords
    are refused unless `allow_passwords` (the demonstration county).
    """
    raw = _parse(text.removeprefix("\ufeff"))
    lines = LineMap(text)
    try:
        file = CountyFile.model_validate(raw)
    except ValidationError as error:
        raise ImportRefused(_shape_problems(error, lines)) from None
    found = tuple(
        ImportProblem(lines.find(path), _field(path), sentence)
        for path, sentence in islice(check(file, allow_passwords=allow_passwords), MOST_PROBLEMS)
    )
    if found:
        raise ImportRefused(_in_order(found))
    return CountyPlan(file, lines)


def _parse(text: str) -> dict[str, Any]:
    refused = tuple(islice(too_much(text), MOST_PROBLEMS))
    if refused:
        raise ImportRefused(refused)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, and a date that is none
        sentence = say(N_("不是正确的 TOML：%(detail)s。"), detail=str(error))
        raise ImportRefused((ImportProblem(syntax_line(str(error)), "", sentence),)) from None


_SHAPE = {
    "missing": N_("缺少这一项。"),
    "extra_forbidden": N_("不认识这一项。"),
    "enum": N_("只能是 %(expected)s。"),
    "string_type": N_("应为文字。"),
    "string_too_short": N_("太短，至少 %(min_length)s 个字。"),
    "string_too_long": N_("太长，最多 %(max_length)s 个字。"),
    "string_pattern_mismatch": N_("写法不对。"),
    "int_type": N_("应为整数。"),
    "bool_type": N_("应为 true 或 false。"),
    "date_type": N_("应为日期，例如 2026-09-01。"),
    "time_type": N_("应为时间，例如 08:00:00。"),
    "list_type": N_("应为列表。"),
    "model_type": N_("应为一个表。"),
    "too_short": N_("至少要有一项。"),
    "greater_than_equal": N_("不能小于 %(ge)s。"),
    "less_than_equal": N_("不能大于 %(le)s。"),
}


def _shape_problems(error: ValidationError, lines: LineMap) -> tuple[ImportProblem, ...]:
    found = []
    for one in error.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]:
        context = {key: value for key, value in one.get("ctx", {}).items() if key != "error"}
        if "expected" in context:  # "'A', 'B' or 'C'": the words themselves in any language
            context["expected"] = " / ".join(re.findall(r"'([^']*)'", context["expected"]))
        text = _SHAPE.get(one["type"], N_("这个值不对。"))
        found.append(
            ImportProblem(lines.find(one["loc"]), _field(one["loc"]), say(text, **context))
        )
    return _in_order(tuple(found))


def _in_order(found: tuple[ImportProblem, ...]) -> tuple[ImportProblem, ...]:
    return tuple(sorted(found, key=lambda problem: problem.line))


def _field(path: tuple[str | int, ...]) -> str:
    """Return e.g. "room[3].kind"; tables count from 1 as people do."""
    shown = ""
    for part in path:
        shown += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown
