"""Which of a lesson's nodes to go to (docs/decisions/0010). Pure; times are monotonic seconds.

Everybody of a lesson holds the same ordered list of nodes and follows the same rule, written a
second time in web/static/js/protocol/route.js:

1. Go where the lesson is: to the first node in the order that has a source.
2. Nobody has one: the node that was good until now has HOLD seconds to come back.
3. Else go to the first node in the order that answers.

A host asks all nodes before each connection and rooms follow it, so they cannot miss each other for
long: a room without a picture asks again and again (`MissingMediaWatch`) and leaves for a source.
"""

from collections.abc import Mapping
from enum import StrEnum

HOLD = 2.0
"""Seconds in which a node that died is not given up: its supervisor starts it again in about one,
and a lesson that stays is better placed than one that moves."""

UNFIT = 10.0
"""Seconds in which a node that answers, but let us not in, is asked last."""

MISSING_AFTER = 1.5
"""Seconds without a picture after which a viewer asks whether its lesson is on another node."""

PAUSES, LONGEST_PAUSE = (2.0, 2.0, 2.0, 4.0), 8.0
"""Seconds after the first questions, and after all later ones: a host may be minutes late."""


class NodeAnswer(StrEnum):
    """What a node said when it was asked for the lesson's sources."""

    SOURCE = "source"
    EMPTY = "empty"
    SILENT = "silent"  # no answer
    CLOSED = "closed"  # the lesson is over


PRESENT = (NodeAnswer.SOURCE, NodeAnswer.EMPTY)


class Route:
    """One member's memory of its lesson's nodes. Nodes are known by their base URLs."""

    def __init__(self) -> None:
        self._home = ""
        self._lost_at: float | None = None
        self._unfit: dict[str, float] = {}

    def choose(self, answers: Mapping[str, NodeAnswer], now: float) -> str | None:
        """Return the node to go to, None to wait a moment. `answers` are in the list's order."""
        there = [node for node, answer in answers.items() if answer in PRESENT]
        fit = [node for node in there if self.is_fit(node, now)]
        for node in fit:
            if answers[node] is NodeAnswer.SOURCE:
                return node
        if self.holds(now) and self._home in answers:
            return self._home if self._home in fit else None
        return next(iter(fit or there), None)

    def holds(self, now: float) -> bool:
        """Whether the node that was lost may still come back."""
        return self._lost_at is not None and now - self._lost_at < HOLD

    def is_fit(self, node: str, now: float) -> bool:
        return self._unfit.get(node, now) <= now

    def connected(self, node: str) -> None:
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


class MissingMediaWatch:
    """When a viewer that gets no media on one node asks the others."""

    def __init__(self, now: float) -> None:
        self._media_at = self._next = now
        self._asked = 0

    def media_came(self, at: float) -> None:
        """A picture came at `at`."""
        if at > self._media_at:
            self._media_at, self._asked = at, 0

    def discovery_is_due(self, now: float) -> bool:
        """Whether to ask now; the next time is then some seconds away."""
        if now - self._media_at < MISSING_AFTER or (self._asked and now < self._next):
            return False
        pause = PAUSES[self._asked] if self._asked < len(PAUSES) else LONGEST_PAUSE
        self._asked, self._next = self._asked + 1, now + pause
        return True
