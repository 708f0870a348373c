"""The log: ids are carried, addresses are cut, errors stay on one JSON line."""

import json
import logging

from server.process.log import JsonFormatter, TextFormatter, bound


def record(message: str, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("server.test", logging.INFO, __file__, 1, message, (), info)


def test_ids_are_added_inside_and_gone_outside() -> None:
    with bound(node="n1"), bound(lesson="l1"):
        inside = json.loads(JsonFormatter().format(record("joined")))
    outside = json.loads(JsonFormatter().format(record("joined")))
    assert (inside["node"], inside["lesson"], inside["message"]) == ("n1", "l1", "joined")
    assert set(outside) == {"at", "level", "logger", "message"}


def test_an_error_is_part_of_its_line_and_masked() -> None:
    error = ConnectionError("refused by 192.168.7.9")
    line = JsonFormatter().format(record("lost", error))
    assert "\n" not in line
    assert json.loads(line)["error"].endswith("refused by 192.168.x.x")


def test_text_shows_the_ids_behind_the_message() -> None:
    with bound(node="n1"):
        line = TextFormatter().format(record("ready"))
    assert line.endswith("INFO server.test: ready (node=n1)")
