"""Pictures on their way out: one line for the whole process, a millisecond's work at a time.

What came in one read is taken as a whole first, and sound leaves meanwhile; then pictures are sent
in turns, between which the loop sees to everybody else.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from media.fanout.chunk import Batch, Chunk
from media.stage.packet import StagePacket

TURN = 1024
"""Packets sent in one turn: about a millisecond."""
BACKLOG = 64
"""Batches that may wait; a node that cannot follow any more lets its socket overflow instead."""

Later = Callable[[Callable[[], None]], object]
"""asyncio's `call_soon`: run this once everything else that is due has run."""


class Job(NamedTuple):
    """A frame for one batch of viewers, and who sends it."""

    send: Callable[[Sequence[StagePacket], Chunk, Batch], None]
    frame: Sequence[StagePacket]
    chunk: Chunk
    batch: Batch


class Outbox:
    """The line."""

    def __init__(self, later: Later) -> None:
        self._later = later
        self._jobs: deque[Job] = deque()
        self._has_turn = self._held = False

    @property
    def waiting(self) -> bool:
        """Whether there are pictures to send."""
        return bool(self._jobs)

    def hold(self) -> None:
        """Send nothing before `release`: more is about to come."""
        self._held = True

    def release(self) -> None:
        """Everything that came has been taken: send a turn's worth now."""
        self._held = False
        if self._jobs and not self._has_turn:
            self._send_turn()

    def put(self, jobs: Iterable[Job]) -> None:
        """Queue up."""
        self._jobs.extend(jobs)
        while len(self._jobs) > BACKLOG:
            self._send_next()
        if not self._held:
            self._ask_for_turn()

    def send_waiting(self, chunk: Chunk) -> None:
        """Send what waits for a chunk now, to those it was meant for: its viewers change."""
        mine = [job for job in self._jobs if job.chunk is chunk]
        if mine:
            self._jobs = deque(job for job in self._jobs if job.chunk is not chunk)
            for job in mine:
                job.send(job.frame, job.chunk, job.batch)

    def _ask_for_turn(self) -> None:
        if self._jobs and not self._has_turn:
            self._has_turn = True
            self._later(self._take_turn)

    def _take_turn(self) -> None:
        self._has_turn = False
        self._send_turn()

    def _send_turn(self) -> None:
        sent = 0
        try:
            while self._jobs and sent < TURN:
                sent += self._send_next()
        finally:  # whatever happened to one frame, the others must not be forgotten
            self._ask_for_turn()

    def _send_next(self) -> int:
        job = self._jobs.popleft()
        job.send(job.frame, job.chunk, job.batch)
        return len(job.batch.handles)
