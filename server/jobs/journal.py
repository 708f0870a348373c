"""Reads the journal of one relay node into the ledger of attendance.

Facts, the builder that is still open and the position are stored in one transaction, and only what
is stored is acknowledged. So a coordinator killed anywhere reads some records again, which changes
nothing; and a node keeps every record until then (docs/decisions/0004).
"""

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from media.contract.journal import JournalRecord
from scheduler.evidence.ledger import append, position, resume
from scheduler.evidence.span_builder import SpanBuilder
from scheduler.kernel.database import Database
from server.jobs.evidence import FLUSHING, BadRecord, UnknownKind, feed
from server.process.log import bound
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


class JournalReader:
    """Follows one node's journal for ever, over faults of the node and of the database."""

    def __init__(self, node_id: str, client: ControlClient, db: Database) -> None:
        self._node, self._client, self._db = node_id, client, db
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
        except SQLAlchemyError:
            LOG.exception("the ledger could not be written; the journal is read again")
            self._read = -1
            return AFTER_ERROR
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
        self._collect(page.records)
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

    def _collect(self, records: Sequence[JournalRecord]) -> None:
        for record in records:
            if record.seq <= self._read:
                continue
            try:
                feed(self._builder, record)
            except BadRecord as error:
                LOG.error("a record is left out: %s", error)
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
        await append(self._db, self._node, self._read, facts, self._builder.snapshot())
        self._stored = self._read
        self._flushed_at = asyncio.get_running_loop().time()
        await self._client.acknowledge(self._stored)
