"""One timeline over every connection to a host: timestamps go on over its reboot. Pure."""

from dataclasses import dataclass, field

JUMP = 5.0
"""Seconds between a packet's own time and its arrival that no buffer explains."""

STEP = 0.05
"""Seconds between the last packet of a connection and the first of the next, at least."""


@dataclass(slots=True)
class Continuity:
    """Maps the times of a host's packets onto one timeline that only grows.

    Sound and picture of a connection are moved alike, so that they stay in step. A host that sets
    its clock in mid-connection moves that stream alone, onto the time of arrival.
    """

    _offsets: dict[str, float] = field(default_factory=dict)
    _shared: float | None = None
    _last: dict[str, float] = field(default_factory=dict)

    def reconnected(self) -> None:
        """Forget the host's clock: it may begin anew."""
        self._offsets.clear()
        self._shared = None

    def place(self, kind: str, own: float | None, arrival: float) -> float:
        """Return where a packet of stream `kind` belongs, in seconds.

        `own` is the host's time, None where it gives none; `arrival` is our monotonic clock.
        """
        if own is None:
            return self._keep(kind, arrival)
        if self._shared is None:
            latest = max(self._last.values(), default=arrival - STEP)
            self._shared = max(arrival, latest + STEP) - own
        offset = self._offsets.setdefault(kind, self._shared)
        if abs(own + offset - arrival) > JUMP:
            offset = self._offsets[kind] = arrival - own
        return self._keep(kind, own + offset)

    def _keep(self, kind: str, wanted: float) -> float:
        """Never twice the same time: a millisecond later instead."""
        before = self._last.get(kind)
        place = wanted if before is None else max(wanted, before + 0.001)
        self._last[kind] = place
        return place
