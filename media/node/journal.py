"""The node's journal on disk: append-only segments, read from a position, deleted once acked.

A record is written to its file at once, so a killed process loses nothing; the disk itself is
synchronised once a second off the packet thread, so a power cut loses a second. When the disk is
full, samples and reports are dropped and facts are kept in memory until there is room.
"""

import asyncio
import contextlib
import fcntl
import itertools
import logging
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from media.contract.journal import VERSION, JournalRecord, RecordKind, decode, encode

logger = logging.getLogger(__name__)

SEGMENT_BYTES = 4 << 20
TAIL_RECORDS = 20_000
"""Records kept in memory, so that a reader who keeps up never touches the disk."""
MAX_BACKLOG = 10_000
STATISTICS = frozenset({RecordKind.SAMPLE, RecordKind.REPORT})


class JournalBusy(Exception):
    """another process is writing this journal"""


class Journal:
    """One writer a folder. `wall` and `mono` return seconds."""

    def __init__(
        self,
        folder: Path,
        node: str,
        boot: str,
        wall: Callable[[], float],
        mono: Callable[[], float],
    ) -> None:
        self._folder, self._node, self._boot = folder, node, boot
        self._wall, self._mono = wall, mono
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = self._take_lock()
        self._tail: deque[JournalRecord] = deque(maxlen=TAIL_RECORDS)
        self._backlog: deque[tuple[int, bytes]] = deque(maxlen=MAX_BACKLOG)
        self.dropped = 0
        self.seq = self._recover()
        self._file = -1
        self._size = SEGMENT_BYTES

    def _take_lock(self) -> int:
        handle = os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise JournalBusy(str(self._folder)) from None
        return handle

    def _segments(self) -> list[Path]:
        return sorted(self._folder.glob("journal-*.log"))

    def _recover(self) -> int:
        """Cut a torn tail, load the newest segment, return the last sequence."""
        last = self._acked()
        for segment in self._segments()[-1:]:
            buffer = segment.read_bytes()
            records, length, unreadable = decode(buffer)
            if length < len(buffer):
                torn = len(buffer) - length
                logger.warning("journal: a torn tail was cut", extra={"bytes": torn})
                with segment.open("r+b") as file:
                    file.truncate(length)
            if unreadable:
                logger.warning(
                    "journal: records that cannot be read are left out", extra={"count": unreadable}
                )
            self._tail.extend(records)
            newest = records[-1].seq if records else _first_seq(segment) - 1
            last = max(last, newest + unreadable)  # their numbers are never given again
        return last

    def append(self, kind: RecordKind, **fields: Any) -> int:
        """Write a record (fields as in JournalRecord); return its sequence."""
        record = JournalRecord(
            node=self._node,
            boot=self._boot,
            seq=self.seq + 1,
            mono=round(self._mono(), 4),
            wall=round(self._wall(), 4),
            kind=kind,
            v=VERSION,
            **fields,
        )
        try:
            data = encode(record)
        except UnicodeEncodeError:  # half a surrogate pair must not lose the fact
            data = encode(record, "replace")
            record = decode(data).records[0]
        self.seq += 1
        self._tail.append(record)
        self._write(data, kind in STATISTICS)
        return self.seq

    def _write(self, data: bytes, statistic: bool) -> None:
        try:
            while self._backlog:
                self._write_out(*self._backlog[0])
                self._backlog.popleft()
            self._write_out(self.seq, data)
        except OSError:
            if statistic:
                self.dropped += 1
            else:
                self._backlog.append((self.seq, data))

    def _write_out(self, seq: int, data: bytes) -> None:
        if self._size + len(data) > SEGMENT_BYTES:
            self._rotate(seq)
        written = os.write(self._file, data)
        if written < len(data):
            os.ftruncate(self._file, self._size)
            raise OSError("the disk took a part of a record")
        self._size += len(data)

    def _rotate(self, first: int) -> None:
        name = self._folder / f"journal-{first:016d}.log"
        fresh = os.open(name, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
        self._file, self._size = fresh, os.fstat(fresh).st_size

    @property
    def in_memory(self) -> int:
        """Records kept in memory."""
        return len(self._tail)

    def read_tail(self, after: int, limit: int) -> list[JournalRecord] | None:
        """Return up to `limit` records behind `after` from memory, or None if it starts later."""
        if self.seq > after and (not self._tail or self._tail[0].seq > after + 1):
            return None
        behind = max(0, len(self._tail) - (self.seq - after))
        while behind < len(self._tail) and self._tail[behind].seq <= after:
            behind += 1  # numbers are missing where a full disk dropped statistics
        return [self._tail[i] for i in range(behind, min(behind + limit, len(self._tail)))]

    def read_disk(self, after: int, limit: int) -> list[JournalRecord]:
        """Return the same from the segments; slow, so call it in a thread."""
        found: list[JournalRecord] = []
        segments = self._segments()
        for segment, following in zip(segments, [*segments[1:], None], strict=True):
            if following is not None and _first_seq(following) <= after + 1:
                continue
            decoded = decode(segment.read_bytes())
            found += [record for record in decoded.records if record.seq > after]
            if len(found) >= limit:
                break
        return found[:limit]

    def acknowledge(self, seq: int) -> None:
        """Note that the reader holds everything up to `seq`; forget and delete what lies below."""
        seq = min(seq, self.seq)
        while self._tail and self._tail[0].seq <= seq:
            self._tail.popleft()
        position = self._folder / "acknowledged"
        fresh = position.with_suffix(".new")
        fresh.write_text(str(seq))
        fresh.replace(position)
        segments = self._segments()
        for segment, following in itertools.pairwise(segments):
            if _first_seq(following) <= seq + 1:
                segment.unlink()

    def _acked(self) -> int:
        try:
            return int((self._folder / "acknowledged").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    async def keep_synchronised(self) -> None:
        """Synchronise the disk once a second, in a thread, until cancelled."""
        while True:
            await asyncio.sleep(1)
            if self._file >= 0:
                with contextlib.suppress(OSError):  # the next write meets the fault and counts it
                    await asyncio.to_thread(os.fsync, self._file)

    def close(self) -> None:
        """Synchronise and let go of the folder."""
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
            self._file = -1
        os.close(self._lock)


def _first_seq(segment: Path) -> int:
    return int(segment.stem.partition("-")[2])
