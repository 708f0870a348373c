"""The node's log under a flood: bounded, counted, without whole addresses."""

import io
import logging

import pytest
from aiohttp.http_exceptions import BadStatusLine

from media.httpd.log_limit import ALL_LINES, LINES, MAX_ERROR, MINUTE, LogLimit, MaskingFormatter


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
