"""Messages of the stage WebSocket: an unknown word is refused, garbage too."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.contract.journal import JournalRecord, RecordKind, decode, encode
from media.contract.journal_data import PeerSample
from media.contract.messages import Hello, MessageError, Ping, Report, parse_client_message


def test_messages_are_read() -> None:
    assert parse_client_message('{"type":"hello","ticket":"t"}') == Hello(ticket="t")
    assert parse_client_message('{"type":"ping","at":1.5}') == Ping(at=1.5)
    read = parse_client_message('{"type":"report","frames":9,"audio_level":1,"playing":true}')
    assert read == Report(frames=9, audio_level=1, playing=True)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "1", '{"type":"x"}', '{"type":"hello"}', '{"type":"report","frames":true}',
     '{"type":"report","frames":-1}', '{"type":"report","frames":1.5}',
     '{"type":"report","audio_level":NaN}', '{"type":"report","muted":1}',
     '{"type":"report","fault":7}', '{"type":"report","more":1}', "[" * 3000,
     '{"type":"hello","ticket":"' + "x" * 5000 + '"}',
     '{"type":"ping","at":1' + "0" * 400 + "}", '{"type":"ping","at":1e300}',
     r'{"type":"report","fault":"\ud800"}', r'{"type":"report","fault":"\u0000"}',
     '{"type":"report","fault":"' + "x" * 201 + '"}'],
)  # fmt: skip
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(MessageError):
        parse_client_message(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
)


@given(JSON)
def test_any_json_is_read_or_refused(body: object) -> None:
    with pytest.raises(MessageError):
        parse_client_message(json.dumps({"type": "report", "unknown": body}))


def test_a_record_survives_the_disk() -> None:
    record = JournalRecord(
        "n1", "b1", 7, 1.5, 2.5, RecordKind.SAMPLE, "课", data={"peers": {"p": [1.0, 2, 3]}}
    )
    assert decode(encode(record) + b"torn") == ([record], len(encode(record)), 0)
    assert PeerSample(1.0004, 2, 3).to_list() == [1.0, 2, 3]


@given(st.binary(max_size=200))
def test_a_broken_journal_is_cut_not_believed(data: bytes) -> None:
    record = JournalRecord("n1", "b1", 1, 0.0, 0.0, RecordKind.NODE_STARTED)
    records, good, _unreadable = decode(encode(record) + data)
    assert records[0] == record
    assert good >= len(encode(record))
