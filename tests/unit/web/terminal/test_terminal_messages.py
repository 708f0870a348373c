"""The messages of the terminal's line: what fits, and what is refused."""

import json

import pytest

from scheduler.terminals.states import TerminalState
from web.terminal.messages import MAX_FIELDS, Hello, MessageError, StateReport, parse


def test_hello() -> None:
    assert parse('{"type":"hello","token":"abc"}') == Hello(token="abc")


def test_state_with_and_without_detail() -> None:
    detail = {"lesson_id": None, "fault": "C03", "camera": False, "picture": True}
    text = json.dumps({"type": "state", "state": "FAULT", "detail": detail})
    assert parse(text) == StateReport(state=TerminalState.FAULT, detail=detail)
    assert parse('{"type":"state","state":"STANDBY"}') == StateReport(state=TerminalState.STANDBY)


REFUSED = {
    "not JSON": "{",
    "deep": "[" * 2000,
    "a list": "[]",
    "no type": "{}",
    "unknown type": '{"type":"reboot"}',
    "hello without token": '{"type":"hello"}',
    "hello with more": '{"type":"hello","token":"a","room":"b"}',
    "empty token": '{"type":"hello","token":""}',
    "endless token": json.dumps({"type": "hello", "token": "a" * 257}),
    "unknown state": '{"type":"state","state":"HAPPY"}',
    "state of a wrong type": '{"type":"state","state":7}',
    "unknown field": '{"type":"state","state":"READY","x":1}',
    "detail is no object": '{"type":"state","state":"READY","detail":[1]}',
    "nested detail": '{"type":"state","state":"READY","detail":{"a":{"b":1}}}',
    "long detail": json.dumps({"type": "state", "state": "READY", "detail": {"a": "x" * 161}}),
    "long name": json.dumps({"type": "state", "state": "READY", "detail": {"a" * 33: 1}}),
    "many fields": json.dumps(
        {
            "type": "state",
            "state": "READY",
            "detail": {str(number): 1 for number in range(MAX_FIELDS + 1)},
        }
    ),
    "too long": " " * 4097,
    "a token that is not text": r'{"type":"hello","token":"\ud800"}',
    "half a surrogate pair": r'{"type":"state","state":"READY","detail":{"a":"\ud800"}}',
    "a NUL": r'{"type":"state","state":"READY","detail":{"a\u0000":1}}',
    "no number": '{"type":"state","state":"READY","detail":{"a":NaN}}',
    "an endless number": '{"type":"state","state":"READY","detail":{"a":1' + "0" * 400 + "}}",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(MessageError):
        parse(REFUSED[name])
