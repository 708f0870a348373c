"""Messages of a node as a client reads them: a newer node may say more, and nobody stops."""

import json

import pytest

from media.contract import messages
from media.contract.messages import (
    PROTOCOL,
    Closed,
    MessageError,
    Pong,
    Roster,
    SourceChange,
    Welcome,
    parse_node_message,
)
from tests.support.figures import roster_entry

ENTRY = roster_entry("room:r1", 104.5)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            messages.welcome("p1", 5.0, {"main": True}),
            Welcome(peer="p1", time=5.0, sources={"main": True}),
        ),
        (messages.pong(1.5, 5.0), Pong(at=1.5, time=5.0)),
        (messages.source("main", up=False), SourceChange(slot="main", up=False)),
        (messages.roster([ENTRY, ENTRY]), Roster(peers=(ENTRY, ENTRY))),
        (messages.closed("over"), Closed(reason="over")),
    ],
)
def test_what_a_node_writes_its_clients_read(text: str, read: object) -> None:
    assert parse_node_message(text) == read
    newer = json.dumps({**json.loads(text), "mood": {"of": "the day"}})
    assert parse_node_message(newer) == read


def test_a_welcome_says_the_version_and_an_older_one_is_read() -> None:
    body = json.loads(messages.welcome("", 5.0, {}))
    assert body.pop("protocol") == PROTOCOL
    assert parse_node_message(json.dumps(body)) == Welcome(peer="", time=5.0, sources={})


def test_a_type_that_is_newer_is_skipped() -> None:
    assert parse_node_message('{"type": "layers", "of": {"main": [1, 2]}}') is None
    assert parse_node_message('{"type": 7}') is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "1", '{"type": "welcome"}', '{"type": "source", "up": 1}'),
        *('{"type": "pong", "at": "1", "time": 2}', '{"type": "roster", "peers": [{}]}'),
    ],
)
def test_what_is_no_message_of_a_node_is_refused(text: str) -> None:
    with pytest.raises(MessageError):
        parse_node_message(text)
