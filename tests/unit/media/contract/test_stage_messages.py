"""The stage's messages to the letter: what is sent, what a client skips, where a bound lies."""

import json
from collections.abc import Callable

import pytest

from media.contract import messages
from media.contract.messages import (
    Closed,
    Hello,
    MessageError,
    Pong,
    Report,
    Roster,
    RosterEntry,
    SourceChange,
    Welcome,
    parse_client_message,
    parse_node_message,
)
from media.contract.subjects import Subject

ENTRY = RosterEntry(
    peer="p1", subject=Subject("room:r1"), role="LEG", grant="view", slot="main",
    state="CONNECTED", since=1.0, last_heard=2.0, bitrate=3, frames_per_second=25.0,
    audio_level=0.5, muted=False, playing=True, width=1280, height=720, fault="",
)  # fmt: skip

SENT: list[tuple[str, dict[str, object], object]] = [
    (
        messages.welcome("p1", 5.5, {"main": True, "screen": False}),
        {"type": "welcome", "protocol": 1, "peer": "p1", "time": 5.5,
         "sources": {"main": True, "screen": False}},
        Welcome(peer="p1", time=5.5, sources={"main": True, "screen": False}),
    ),
    (messages.pong(1.5, 2.5), {"type": "pong", "at": 1.5, "time": 2.5}, Pong(at=1.5, time=2.5)),
    (
        messages.source("screen", True),
        {"type": "source", "slot": "screen", "up": True},
        SourceChange(slot="screen", up=True),
    ),
    (messages.roster([]), {"type": "roster", "peers": []}, Roster(peers=())),
    (
        messages.roster([ENTRY]),
        {"type": "roster", "peers": [ENTRY.model_dump()]},
        Roster(peers=(ENTRY,)),
    ),
    (messages.closed("ended"), {"type": "closed", "reason": "ended"}, Closed(reason="ended")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "read"), SENT)
def test_a_message_of_the_node_is_written_and_read(
    text: str, words: dict[str, object], read: object
) -> None:
    assert json.loads(text) == words
    assert parse_node_message(text) == read
    assert parse_node_message(json.dumps({**words, "newer": [1]})) == read


def test_a_client_skips_a_message_that_it_does_not_know() -> None:
    assert parse_node_message('{"type": "newer", "x": 1}') is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"type": "pong"}', '{"type": "pong", "at": "1", "time": 2}', "\0"]
)
def test_what_is_no_message_of_a_node_is_refused(text: str) -> None:
    with pytest.raises(MessageError):
        parse_node_message(text)


def test_close_codes_and_the_version_are_those_of_the_page() -> None:
    assert messages.PROTOCOL == 1
    assert [
        *(messages.CLOSE_MALFORMED, messages.CLOSE_REFUSED),
        *(messages.CLOSE_TAKEN_OVER, messages.CLOSE_STAGE_CLOSED),
    ] == [4400, 4401, 4409, 4410]


def test_a_report_that_says_nothing_says_nothing_good() -> None:
    assert parse_client_message('{"type": "report"}').model_dump() == {
        "type": "report",
        "frames": 0,
        "width": 0,
        "height": 0,
        "audio_level": 0.0,
        "muted": False,
        "playing": False,
        "lost": 0,
        "fault": "",
    }


def hello(length: int) -> str:
    frame = len('{"type":"hello","ticket":""}')
    return '{"type":"hello","ticket":"%s"}' % ("t" * (length - frame))


def report(length: int) -> str:
    return json.dumps({"type": "report", "fault": "x" * length})


@pytest.mark.parametrize(("make", "most"), [(hello, 4096), (report, 200)])
def test_a_message_is_no_longer_than_it_may_be(make: Callable[[int], str], most: int) -> None:
    assert isinstance(parse_client_message(make(most)), Hello | Report)
    with pytest.raises(MessageError):
        parse_client_message(make(most + 1))


def test_a_refusal_names_the_field() -> None:
    with pytest.raises(MessageError, match=r"^report\.frames: Input should be greater"):
        parse_client_message('{"type": "report", "frames": -1}')
    with pytest.raises(MessageError, match=r"^pong\.time: Field required$"):
        parse_node_message('{"type": "pong", "at": 1}')
    with pytest.raises(MessageError, match=r"^longer than a message may be$"):
        parse_client_message(" " * 4097)
