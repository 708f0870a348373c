"""A relay node's journal records as calls on the span builder. The two cores meet here alone."""

from collections.abc import Callable, Mapping
from typing import Any

from media.contract.journal import JournalRecord, PeerSample, RecordKind
from scheduler.evidence.span_builder import SpanBuilder

FLUSHING = frozenset({RecordKind.STAGE_CLOSED, RecordKind.PEER_LEFT, RecordKind.TAKEN_OVER})
"""After these somebody is likely to look: what was collected goes to the ledger at once."""


class BadRecord(Exception):
    """a journal record lacks what its kind must have"""


def feed(builder: SpanBuilder, record: JournalRecord) -> None:
    """Give one record to the builder, in the order of the journal.

    Raise BadRecord when its data are not those of its kind; the builder is then as it was.
    """
    if record.boot != builder.boot:
        builder.node_started(record.boot, record.wall)
    try:
        _TRANSLATIONS[record.kind](builder, record)
    except (KeyError, TypeError, ValueError) as error:
        raise BadRecord(f"record {record.seq} ({record.kind}): {error!r}") from None


def _opened(builder: SpanBuilder, record: JournalRecord) -> None:
    builder.stage_opened(record.stage, record.wall)


def _closed(builder: SpanBuilder, record: JournalRecord) -> None:
    builder.stage_closed(record.stage, record.wall, str(record.data.get("reason", "")))


def _connected(builder: SpanBuilder, record: JournalRecord) -> None:
    builder.peer_connected(
        record.peer,
        record.subject,
        record.role,
        record.stage,
        record.wall,
        grant=str(record.data.get("grant", "")),
    )


def _sampled(builder: SpanBuilder, record: JournalRecord) -> None:
    samples = {peer: PeerSample.from_list(v) for peer, v in record.data["peers"].items()}
    for peer, sample in samples.items():
        builder.sample(peer, record.wall, sample.last_heard, sample.packets, sample.octets)


def _reported(builder: SpanBuilder, record: JournalRecord) -> None:
    data: Mapping[str, Any] = record.data
    builder.report(
        record.subject,
        record.stage,
        record.wall,
        frames=int(data["frames"]),
        audio_level=float(data["audio_level"]),
        muted=bool(data["muted"]),
        playing=bool(data["playing"]),
    )


def _left(builder: SpanBuilder, record: JournalRecord) -> None:
    last_heard = float(record.data["last_heard"])
    builder.peer_left(record.peer, record.wall, last_heard, str(record.data.get("reason", "")))


def _taken_over(builder: SpanBuilder, record: JournalRecord) -> None:
    builder.taken_over(record.peer, str(record.data["by"]), record.wall)


def _refused(builder: SpanBuilder, record: JournalRecord) -> None:
    builder.refused(record.stage, record.subject, record.wall, str(record.data["reason"]))


def _nothing(_builder: SpanBuilder, _record: JournalRecord) -> None:
    """The samples tell it better, or the change of boot told it already."""


_TRANSLATIONS: dict[RecordKind, Callable[[SpanBuilder, JournalRecord], None]] = {
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
