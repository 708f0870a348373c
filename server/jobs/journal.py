"""Reads the journal of one relay node into the ledger of attendance.

Facts, the builder that is still open and the position are stored in one transaction, and only what
is stored is acknowledged. So a coordinator killed anywhere reads some records again, which changes
nothing; and a node keeps every record until then (docs/decisions/0004).
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy.exc import SQLAlchemyError

from media.contract.journal import JournalRecord
from scheduler.evidence.intervals import NewFact
from scheduler.evidence.ledger import append, position, resume
from scheduler.evidence.set_aside import content_of, plain, set_aside
from scheduler.evidence.span_builder import SpanBuilder
from scheduler.kernel.clock import Clock, system_clock
from scheduler.kernel.database import Database
from scheduler.kernel.faults import is_of_the_data
from server.jobs.evidence import FLUSHING, BadRecord, UnknownKind, feed
from server.process.log import bound
from server.process.pauses import Pauses, log_fault
from server.relays.control import ControlClient, NodeRefused, NodeUnreachable

LOG = logging.getLogger(__name__)

EVERY, PAGE = 0.5, 1000
"""Seconds between two looks at a journal, and how many records one look brings at most."""

FLUSH_EVERY = 2.0
"""Seconds of evidence that a page may lag behind."""

HOLD = 300.0
"""Open evidence becomes a row when it is this long (seconds); until then the stored builder
carries it, so that a lesson is tens of rows and not thousands."""

AFTER_ERROR = 2.0

TRIES = 3
"""So often the same is written before what the ledger cannot take is looked for."""


class JournalReader:
    """Follows one node's journal for ever, over faults of the node and of the database."""

    def __init__(
        self, node_id: str, client: ControlClient, db: Database, clock: Clock = system_clock
    ) -> None:
        self._node, self._client, self._db, self._clock = node_id, client, db, clock
        self._pauses = Pauses()
        self._failures = 0  # in a row, of writing the same
        self._builder = SpanBuilder()
        self._read = self._stored = -1
        self._flushed_at = 0.0
        self._skipped: set[str] = set()

    async def run(self) -> None:
        """Read, collect, store, acknowledge."""
        with bound(node=self._node):
            while True:
                pause = await self._round()
                await asyncio.sleep(pause)

    async def _round(self) -> float:
        """Do one look; return how long to wait for the next."""
        try:
            if self._read < 0:
                await self._resume()
            more = await self.step()
        except NodeUnreachable:
            return EVERY  # its supervisor logs it
        except NodeRefused as error:
            LOG.warning("the journal was refused: %s", error)
            return AFTER_ERROR
        except (SQLAlchemyError, UnicodeError) as error:
            log_fault(LOG, "the ledger could not be written; the journal is read again", error)
            if not is_of_the_data(error):
                self._failures, self._read = 0, -1
                return self._pauses.after_fault()
            self._failures, self._read = self._failures + 1, -1
            return AFTER_ERROR
        self._pauses.after_success()
        return 0.0 if more else EVERY

    async def step(self) -> bool:
        """Take one page of the journal; return whether there is more at once."""
        if self._read < 0:
            await self._resume()
        page = await self._client.journal(self._read, PAGE)
        if page.last < self._read:
            LOG.warning("the journal begins anew: its data folder was replaced")
            self._read, self._stored = 0, -1
            return True
        await self._collect(page.records)
        if self._read > self._stored and self._is_time(
            page.records, full=len(page.records) >= PAGE
        ):
            await self._store()
        return self._read < page.last and bool(page.records)

    async def _resume(self) -> None:
        """Go on where the ledger ends. What was open is given up if it cannot be understood (an
        update changed its shape): better that than no attendance from now on.
        """
        try:
            self._stored, self._builder = await resume(self._db, self._node)
        except (TypeError, ValueError, KeyError):
            LOG.exception("evidence that was still open is lost: it cannot be read")
            self._stored, self._builder = await position(self._db, self._node), SpanBuilder()
        self._read = self._stored

    async def _collect(self, records: Sequence[JournalRecord]) -> None:
        for record in records:
            if record.seq <= self._read:
                continue
            try:
                feed(self._builder, record)
            except BadRecord as error:
                await self._set_aside(asdict(record), error, record.seq)
            except UnknownKind as kind:
                self._skip(str(kind))
            self._read = record.seq

    def _skip(self, kind: str) -> None:
        """A newer node writes what we know nothing of: log each kind once, and go on."""
        if kind not in self._skipped:
            self._skipped.add(kind)
            LOG.warning(
                "journal records of the unknown kind %r are skipped: the node is newer", kind[:64]
            )

    def _is_time(self, records: Sequence[JournalRecord], full: bool) -> bool:
        late = asyncio.get_running_loop().time() - self._flushed_at >= FLUSH_EVERY
        return full or late or any(record.kind in FLUSHING for record in records)

    async def _store(self) -> None:
        facts = self._builder.flush(self._read, hold=HOLD)
        if self._failures >= TRIES:
            await self._store_singly(facts)
            facts = []
        await append(self._db, self._node, self._read, facts, self._builder.snapshot())
        self._stored, self._failures = self._read, 0
        self._flushed_at = asyncio.get_running_loop().time()
        await self._client.acknowledge(self._stored)

    async def _store_singly(self, facts: Sequence[NewFact]) -> None:
        """Store what can be stored, and set the rest aside; the position stays where it was."""
        for fact in facts:
            try:
                await append(self._db, self._node, max(self._stored, 0), [fact])
            except (SQLAlchemyError, UnicodeError) as error:
                if not is_of_the_data(error):
                    raise
                await self._set_aside(content_of(fact), error, fact.seq)

    async def _set_aside(self, content: object, error: Exception, seq: int) -> None:
        reason = str(getattr(error, "orig", None) or error)
        LOG.error("set aside, for the ledger cannot take it: record %d: %s", seq, plain(reason))
        await set_aside(self._db, self._clock(), self._node, content, reason, seq)
