"""How large and how strange an import file may be, looked at before anything reads it. Pure.

tomllib takes time with the square of the parts of a dotted name, and Python refuses to read a
number of thousands of digits. A county of 58 schools has 5,000 lines of at most 300 characters,
names of two parts, and numbers of four digits.
"""

import re
from collections.abc import Iterator

from scheduler.exchange.imports.plan import ImportProblem
from scheduler.kernel.sentences import N_, say

LONGEST_FILE = 2_000_000
"""Characters."""

MOST_LINES = 40_000
LONGEST_LINE = 10_000
MOST_PARTS = 8
"""Parts of a dotted name, in a header or before a value."""

MOST_DIGITS = 40

_DIGITS = re.compile(rf"[0-9_]{{{MOST_DIGITS + 1},}}")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')


def too_much(text: str) -> Iterator[ImportProblem]:
    """Yield why a file is not read at all, at most one problem for each line."""
    if len(text) > LONGEST_FILE:
        yield _problem(1, N_("文件过长，最多 %(count)d 个字符。"), LONGEST_FILE)
        return
    if text.count("\n") >= MOST_LINES:
        yield _problem(MOST_LINES + 1, N_("行数过多，最多 %(count)d 行。"), MOST_LINES)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            yield _problem(number, N_("这一行过长，最多 %(count)d 个字符。"), LONGEST_LINE)
        elif _parts(line) > MOST_PARTS:
            yield _problem(number, N_("名称的层级过多，最多 %(count)d 层。"), MOST_PARTS)
        elif _DIGITS.search(_QUOTED.sub("", line)):
            yield _problem(number, N_("数字过长，最多 %(count)d 位。"), MOST_DIGITS)


def _parts(line: str) -> int:
    """Return of how many parts the longest dotted name of a line is, quoted ones counted as one."""
    bare = _QUOTED.sub("q", line)
    names = re.split(r"[^A-Za-z0-9_. \t-]", bare)
    return max(name.count(".") + 1 for name in names)


def _problem(line: int, sentence: str, count: int) -> ImportProblem:
    return ImportProblem(line, "", say(sentence, count=count))
