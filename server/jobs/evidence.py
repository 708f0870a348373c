"""A relay node's journal records as calls on the span builder. The two cores meet here alone.

The ledger keeps a subject as the text that the ticket had (scheduler.evidence.subjects).
"""

from collections.abc import Callable

from pydantic import ValidationError

from media.contract.journal import JournalRecord, RecordKind
from media.contract.journal_data import (
    PeerConnectedData,
    PeerLeftData,
    PeerSample,
    RefusedData,
    ReportData,
    SampleData,
    StageClosedData,
    TakenOverData,
)
from media.contract.model import first_fault
from scheduler.evidence.span_builder import SpanBuilder

FLUSHING = frozenset({RecordKind.STAGE_CLOSED, RecordKind.PEER_LEFT, RecordKind.TAKEN_OVER})
"""After these somebody is likely to look: what was collected goes to the ledger at once."""


class BadRecord(Exception):
    """a journal record lacks what its kind must have"""


class UnknownKind(Exception):
    """a journal record of a kind that is newer than this coordinator"""


def feed(builder: SpanBuilder, record: JournalRecord) -> None:
    """Give one record to the builder, in the order of the journal.

    Raise BadRecord when its data are not those of its kind, UnknownKind when nothing is known of
    it; the builder is then as it was, but for a change of boot.
    """
    if record.boot != builder.boot:
        builder.node_started(record.boot, record.wall)
    translate = _TRANSLATIONS.get(record.kind)
    if translate is None:
        raise UnknownKind(record.kind)
    try:
        translate(builder, record)
    except ValidationError as error:
        raise BadRecord(f"record {record.seq} ({record.kind}): {first_fault(error)}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise BadRecord(f"record {record.seq} ({record.kind}): {error!r}") from None


def _opened(builder: SpanBuilder, record: JournalRecord) -> None:
    builder.stage_opened(record.stage, record.wall)


def _closed(builder: SpanBuilder, record: JournalRecord) -> None:
    data = StageClosedData.model_validate(record.data)
    builder.stage_closed(record.stage, record.wall, data.reason)


def _connected(builder: SpanBuilder, record: JournalRecord) -> None:
    data = PeerConnectedData.model_validate(record.data)
    builder.peer_connected(
        record.peer, record.subject, record.role, record.stage, record.wall, grant=data.grant
    )


def _sampled(builder: SpanBuilder, record: JournalRecord) -> None:
    data = SampleData.model_validate(record.data)
    for peer, values in data.peers.items():
        sample = PeerSample(*values)
        builder.sample(peer, record.wall, sample.last_heard, sample.packets, sample.octets)


def _reported(builder: SpanBuilder, record: JournalRecord) -> None:
    data = ReportData.model_validate(record.data)
    builder.report(
        record.subject,
        record.stage,
        record.wall,
        frames=data.frames,
        audio_level=data.audio_level,
        muted=data.muted,
        playing=data.playing,
    )


def _left(builder: SpanBuilder, record: JournalRecord) -> None:
    data = PeerLeftData.model_validate(record.data)
    builder.peer_left(record.peer, record.wall, data.last_heard, data.reason)


def _taken_over(builder: SpanBuilder, record: JournalRecord) -> None:
    builder.taken_over(record.peer, TakenOverData.model_validate(record.data).by, record.wall)


def _refused(builder: SpanBuilder, record: JournalRecord) -> None:
    data = RefusedData.model_validate(record.data)
    builder.refused(record.stage, record.subject, record.wall, data.reason)


def _nothing(_builder: SpanBuilder, _record: JournalRecord) -> None:
    """The samples say it better, or the change of boot said it already."""


_TRANSLATIONS: dict[str, Callable[[SpanBuilder, JournalRecord], None]] = {
    RecordKind.NODE_STARTED: _nothing,
    RecordKind.NODE_STOPPED: _nothing,
    RecordKind.STAGE_OPENED: _opened,
    RecordKind.STAGE_CLOSED: _closed,
    RecordKind.PEER_CONNECTED: _connected,
    RecordKind.FIRST_MEDIA: _nothing,
    RecordKind.SAMPLE: _sampled,
    RecordKind.REPORT: _reported,
    RecordKind.PEER_SILENT: _nothing,
    RecordKind.PEER_LEFT: _left,
    RecordKind.TAKEN_OVER: _taken_over,
    RecordKind.REFUSED: _refused,
}
