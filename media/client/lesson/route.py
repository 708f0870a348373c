"""Which of a lesson's nodes to go to (docs/decisions/0010). Pure; times are monotonic seconds.

Everybody of a lesson holds the same ordered list of nodes and follows the same rule, written a
second time in web/static/js/protocol/route.js:

1. Go where the lesson is: to the first node in the order that has a source.
2. Nobody has one: the node that was good until now has HOLD seconds to come back.
3. Else go to the first node in the order that answers.

A host looks around before each visit and rooms follow it, so they cannot miss each other for long:
a room without a picture looks around again and again (`Hunger`) and leaves for a source.
"""

from collections.abc import Mapping
from enum import StrEnum

HOLD = 2.0
"""Seconds in which a node that died is not given up: its supervisor starts it again in about one,
and a lesson that stays is better placed than one that moves."""

UNFIT = 10.0
"""Seconds in which a node that answers, but let us not in, is asked last."""

HUNGRY = 1.5
"""Seconds without a picture after which a viewer looks whether its lesson is elsewhere."""

LOOKS, SLOWEST_LOOK = (2.0, 2.0, 2.0, 4.0), 8.0
"""Pauses after the first looks, and after all later ones: a host may be minutes late."""


class Sight(StrEnum):
    """What a node said when it was asked for the lesson's sources."""

    SOURCE = "source"
    EMPTY = "empty"
    SILENT = "silent"  # no answer
    CLOSED = "closed"  # the lesson is over


ANSWERS = (Sight.SOURCE, Sight.EMPTY)


class Route:
    """One member's memory of its lesson's nodes. Nodes are known by their base URLs."""

    def __init__(self) -> None:
        self._home = ""
        self._lost_at: float | None = None
        self._unfit: dict[str, float] = {}

    def choose(self, seen: Mapping[str, Sight], now: float) -> str | None:
        """Return the node to go to, None to wait a moment. `seen` is in the list's order."""
        there = [node for node, sight in seen.items() if sight in ANSWERS]
        fit = [node for node in there if self.is_fit(node, now)]
        for node in fit:
            if seen[node] is Sight.SOURCE:
                return node
        if self.holds(now) and self._home in seen:
            return self._home if self._home in fit else None
        return next(iter(fit or there), None)

    def holds(self, now: float) -> bool:
        """Whether the node that was lost may still come back."""
        return self._lost_at is not None and now - self._lost_at < HOLD

    def is_fit(self, node: str, now: float) -> bool:
        return self._unfit.get(node, now) <= now

    def arrived(self, node: str) -> None:
        """A connection to this node works."""
        self._home, self._lost_at = node, None
        self._unfit.pop(node, None)

    def lost(self, now: float) -> None:
        """The connection that worked is gone, and not because we left."""
        self._lost_at = now

    def failed(self, node: str, now: float) -> None:
        """This node answered, and a connection did not come about all the same."""
        if not (node == self._home and self.holds(now)):
            self._unfit[node] = now + UNFIT


class Hunger:
    """When a viewer on one node looks at the others."""

    def __init__(self, now: float) -> None:
        self._fed_at = self._next = now
        self._looks = 0

    def fed(self, at: float) -> None:
        """A picture came at `at`."""
        if at > self._fed_at:
            self._fed_at, self._looks = at, 0

    def wants_look(self, now: float) -> bool:
        """Whether to look around now; the next look is then some time away."""
        if now - self._fed_at < HUNGRY or (self._looks and now < self._next):
            return False
        pause = LOOKS[self._looks] if self._looks < len(LOOKS) else SLOWEST_LOOK
        self._looks, self._next = self._looks + 1, now + pause
        return True
