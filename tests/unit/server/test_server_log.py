"""The log: ids are carried, addresses are cut, errors stay on one JSON line."""

import json
import logging

import pytest

from server.log import JsonFormatter, TextFormatter, bound, mask_addresses


def record(message: str, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("server.test", logging.INFO, __file__, 1, message, (), info)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("from 10.1.2.3 port 9", "from 10.1.x.x port 9"),
        ("[2001:db8:1::42]:9", "[2001:0db8::x]:9"),
        ("127.0.0.1:8700 and 0.0.0.0", "127.0.0.1:8700 and 0.0.0.0"),
        ("::1", "::1"),
        ("at 09:50:00, version 0.1.0", "at 09:50:00, version 0.1.0"),
    ],
)
def test_an_address_loses_its_tail(text: str, masked: str) -> None:
    assert mask_addresses(text) == masked


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
