"""The driver of a stage: it has the timers and the way to publishers, the tracks have neither.

A track returns what must follow (media.stage.outcome). The driver sends what is to be asked of the
publisher, and keeps one timer for the earliest deadline of all tracks: a frame without its marker
(2 ms), packets to ask for again (12 ms), keyframe requests (one a second), latecomers (4 ms).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from media import clock
from media.contract.tickets import Slot
from media.stage.outcome import NEVER, NOTHING, Outcome
from media.stage.slot import StageSlot
from media.stage.subscription import Followed
from media.stage.track import Track


class Upstream(Protocol):
    """A publisher, as far as it is asked for something."""

    def send_nack(self, ssrc: int, sequences: Iterable[int]) -> None: ...
    def send_pli(self, ssrc: int) -> None: ...


class StageDriver:
    """`upstream` are the publishers by slot; `began` is called when a source's first packet went
    out. Call `stop` at the end of the stage.
    """

    def __init__(
        self,
        slots: Mapping[Slot, StageSlot],
        upstream: Mapping[Slot, Upstream],
        began: Callable[[Track], None],
    ) -> None:
        self._slots, self._upstream, self._began = slots, upstream, began
        self._timer: asyncio.TimerHandle | None = None
        self._due = NEVER

    def follow(self, slot: Slot, track: Track, outcome: Outcome) -> None:
        """Do what a call of the track said must follow."""
        if outcome is NOTHING:
            return
        if outcome.began:
            self._began(track)
        ssrc, publisher = track.source_ssrc, self._upstream.get(slot)
        if ssrc is not None and publisher is not None:
            if outcome.nacks:
                publisher.send_nack(ssrc, outcome.nacks)
            if outcome.keyframe:
                publisher.send_pli(ssrc)
        if outcome.deadline < self._due:
            self._wake_at(outcome.deadline)

    def follow_all(self, slot: Slot, followed: Iterable[Followed]) -> None:
        """Do the same for several tracks of a slot."""
        for track, outcome in followed:
            self.follow(slot, track, outcome)

    def _wake_at(self, deadline: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = deadline
        delay = max(0.0, deadline - clock.mono())
        self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _wake(self) -> None:
        """Advance every track that is due. The loop's timers may be early by a millisecond."""
        now, self._due, self._timer = max(self._due, clock.mono()), NEVER, None
        earliest = NEVER
        for name, slot in self._slots.items():
            for track in slot.tracks:
                if track.deadline <= now:
                    self.follow(name, track, track.advance(now))
                earliest = min(earliest, track.deadline)
        if earliest < self._due:
            self._wake_at(earliest)

    def stop(self) -> None:
        """Let the timer go: nothing of this stage is sent any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
