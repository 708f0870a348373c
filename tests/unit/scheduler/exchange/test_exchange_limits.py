"""What is too large or too strange to be read, and a reading that takes too long."""

from pathlib import Path

import pytest

from scheduler.exchange.imports.apart import parse_apart
from scheduler.exchange.imports.importer import ImportRefused, parse_county
from scheduler.exchange.imports.limits import (
    LONGEST_FILE,
    LONGEST_LINE,
    MOST_DIGITS,
    MOST_LINES,
    MOST_PARTS,
    too_much,
)
from tests.support.county import county_text

LEIZHOU = Path(__file__).parents[4] / "examples" / "leizhou.toml"


def found(text: str) -> list[tuple[int, str]]:
    return [(one.line, one.sentence.text) for one in too_much(text)]


@pytest.mark.parametrize(
    ("fits", "does_not", "line", "words"),
    [
        ("a" * LONGEST_LINE, "a" * (LONGEST_LINE + 1), 1, "这一行过长"),
        ("[" + ".".join("a" * MOST_PARTS) + "]", "[" + ".".join("a" * 20_000) + "]", 1, "过长"),
        ("\n[" + ".".join("a" * MOST_PARTS), "\n[" + ".".join("a" * 9), 2, "层级过多"),
        (".".join("a" * MOST_PARTS) + " = 1", ".".join("a" * 9) + " = 1", 1, "层级过多"),
        ("[" + " . ".join("a" * MOST_PARTS), "[" + " . ".join("a" * 9), 1, "层级过多"),
        ('["a"."b.c.d.e.f.g.h.i.j"]', "[" + ".".join(['"a"'] * 9) + "]", 1, "层级过多"),
        ("x = {" + ".".join("a" * 8) + " = 1}", "x = {" + ".".join("a" * 9) + " = 1}", 1, "层级"),
        ("a = " + "9" * MOST_DIGITS, "a = " + "9" * 5000, 1, "数字过长"),
        ("a = -" + "9" * MOST_DIGITS, "a = -" + "9" * 41, 1, "数字过长"),
        ("a = [1, " + "9" * MOST_DIGITS, "a = [1, " + "9" * 41, 1, "数字过长"),
        ('name = "' + "9" * 41 + '"', "a = 0x" + "1" * 41, 1, "数字过长"),
        ("\n" * (MOST_LINES - 1), "\n" * MOST_LINES, MOST_LINES + 1, "行数过多"),
        ("", "a" * (LONGEST_FILE + 1), 1, "文件过长"),
    ],
)
def test_each_limit_is_kept_on_both_sides(fits: str, does_not: str, line: int, words: str) -> None:
    assert found(fits) == []
    ((told, sentence),) = found(does_not)
    assert told == line
    assert words in sentence


def test_a_county_is_far_from_every_limit() -> None:
    assert found(LEIZHOU.read_text("utf-8")) == []
    assert found("\n".join([county_text()] * 20)) == []


@pytest.mark.parametrize("value", ["0000-01-01", "2026-13-01", "25:00:00", "9" * 40])
def test_a_value_that_is_none_is_a_problem_and_no_crash(value: str) -> None:
    with pytest.raises(ImportRefused):
        parse_county(f"a = {value}\n")


async def test_a_file_is_read_apart_as_it_is_read_here() -> None:
    text = LEIZHOU.read_text("utf-8")
    with pytest.raises(ImportRefused) as here:
        parse_county(text)  # its accounts have passwords
    with pytest.raises(ImportRefused) as apart:
        await parse_apart(text)
    assert apart.value.problems == here.value.problems
    assert (await parse_apart(county_text())).file == parse_county(county_text()).file


async def test_a_reading_that_takes_too_long_is_ended() -> None:
    endless = "".join(f"[t{number}.a.b.c.d.e.f]\n" for number in range(MOST_LINES - 1))
    with pytest.raises(ImportRefused, match="用了太长时间"):
        await parse_apart(endless, patience=0.1)
