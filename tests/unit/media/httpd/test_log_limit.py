"""The node's log under a flood: bounded, counted, without whole addresses."""

import io
import logging

import pytest
from aiohttp.http_exceptions import BadStatusLine

from media.httpd.log_limit import (
    ALL_LINES,
    LINES,
    MAX_ERROR,
    MINUTE,
    LogLimit,
    MaskingFormatter,
    set_up_log,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock) -> tuple[logging.Logger, io.StringIO, LogLimit]:
    out = io.StringIO()
    handler, limit = logging.StreamHandler(out), LogLimit(clock)
    handler.setFormatter(MaskingFormatter())
    handler.addFilter(limit)
    logger = logging.Logger("flooded")
    logger.addHandler(handler)
    return logger, out, limit


def test_a_flood_of_one_kind_is_counted_and_other_kinds_are_written(
    log: tuple[logging.Logger, io.StringIO, LogLimit], clock: Clock
) -> None:
    logger, out, limit = log
    for number in range(1000):
        logger.error("Error handling request from %s", f"10.1.2.{number % 256}")
    logger.warning("something else")
    lines = out.getvalue().splitlines()
    assert len(lines) == LINES + 1
    assert set(lines[:-1]) == {"ERROR flooded Error handling request from 10.1.x.x"}
    assert lines[-1] == "WARNING flooded something else"
    clock.now = MINUTE
    logger.warning("something else")
    expected = f"WARNING flooded ({1000 - LINES} lines were left out) something else"
    assert out.getvalue().splitlines()[-1] == expected
    assert limit.left_out == 1000 - LINES


def test_all_kinds_together_are_bounded(log: tuple[logging.Logger, io.StringIO, LogLimit]) -> None:
    logger, out, _quiet = log
    for number in range(5 * ALL_LINES):
        logger.info(f"kind {number}")
    assert len(out.getvalue().splitlines()) == ALL_LINES


def test_a_long_line_is_cut(log: tuple[logging.Logger, io.StringIO, LogLimit]) -> None:
    logger, out, _quiet = log
    logger.error("x" * 100_000)
    assert len(out.getvalue()) == MAX_ERROR + 1


def test_bytes_that_are_not_http_are_not_repeated(
    log: tuple[logging.Logger, io.StringIO, LogLimit],
) -> None:
    logger, out, _quiet = log
    fault = BadStatusLine("GET /?ticket=secret")
    logger.error("Error handling request from %s", "10.1.2.3", exc_info=fault)
    assert out.getvalue() == "WARNING flooded Error handling request from 10.1.x.x\n"


def lines(out: io.StringIO) -> int:
    return len(out.getvalue().splitlines())


def test_thirty_lines_of_a_kind_and_three_hundred_in_all_a_minute(
    log: tuple[logging.Logger, io.StringIO, LogLimit], clock: Clock
) -> None:
    logger, out, limit = log
    for _ in range(31):
        logger.error("one kind")
    assert (lines(out), limit.left_out) == (30, 1)
    for number in range(271):
        logger.error(f"{number} kind")
    assert (lines(out), limit.left_out) == (300, 2)
    clock.now = 59.9
    logger.error("another")
    assert (lines(out), limit.left_out) == (300, 3)
    clock.now = 60.0
    logger.error("another")
    logger.error("one kind")
    assert out.getvalue().splitlines()[-2:] == [
        "ERROR flooded (3 lines were left out) another",
        "ERROR flooded one kind",
    ]
    clock.now = 120.0
    logger.error("another")
    assert out.getvalue().splitlines()[-1] == "ERROR flooded another", "none were left out since"
    assert limit.left_out == 3


def test_a_kind_is_the_logger_and_the_first_80_characters(
    log: tuple[logging.Logger, io.StringIO, LogLimit],
) -> None:
    logger, out, limit = log
    other = logging.Logger("other")
    other.addHandler(logger.handlers[0])
    for number in range(31):
        logger.error("x" * 80 + str(number))
    assert (lines(out), limit.left_out) == (30, 1)
    logger.error("x" * 79 + "y")
    other.error("x" * 80)
    assert (lines(out), limit.left_out) == (32, 1)


def test_a_fault_of_ours_keeps_its_level_and_its_traceback(
    log: tuple[logging.Logger, io.StringIO, LogLimit],
) -> None:
    logger, out, _limit = log
    try:
        int("10.1.2.3")
    except ValueError:
        logger.exception("a fault")
    written = out.getvalue().splitlines()
    assert written[:2] == ["ERROR flooded a fault", "Traceback (most recent call last):"]
    assert written[-1] == "ValueError: invalid literal for int() with base 10: '10.1.x.x'"


def test_a_line_has_4000_characters_at_most(
    log: tuple[logging.Logger, io.StringIO, LogLimit],
) -> None:
    logger, out, _limit = log
    logger.error("x" * 9000)
    assert out.getvalue() == "ERROR flooded " + "x" * (4000 - 14) + "\n"


def test_every_logger_writes_to_standard_error_bounded_and_masked(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        set_up_log(clock)
        logging.getLogger("somewhere").debug("too small")
        for _ in range(40):
            logging.getLogger("somewhere").info("from 10.1.2.3")
        assert len(root.handlers) == 1
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert capsys.readouterr().err == "INFO somewhere from 10.1.x.x\n" * 30
