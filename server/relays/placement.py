"""Tells everybody of a lesson the same ordered list of nodes: web.kit.ports.RelayPlacement."""

from collections.abc import Callable, Collection, Sequence

from scheduler.kernel.clock import Clock
from scheduler.kernel.database import Database
from scheduler.lessons.timing import Timing
from scheduler.placement.placing import placed_lessons
from scheduler.placement.ranking import NodeVitals, in_order
from web.kit.ports import RelayAddress


class NodePlacement:
    """The configured nodes, the lesson's own first. `vitals` tells how every node is now."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        timing: Timing,
        relays: Sequence[RelayAddress],
        vitals: Callable[[], Sequence[NodeVitals]],
    ) -> None:
        self._db, self._clock, self._timing = db, clock, timing
        self._relays = {relay.node: relay for relay in relays}
        self._vitals = vitals

    async def relays(self, lesson_ids: Collection[str]) -> dict[str, tuple[RelayAddress, ...]]:
        """Return the nodes of each lesson; a lesson that has none yet is placed now."""
        homes: dict[str, str] = {}
        if len(self._relays) > 1:
            homes = await placed_lessons(
                self._db, self._clock(), self._timing, self._vitals(), lesson_ids
            )
        return {lesson_id: self._ordered(lesson_id, homes) for lesson_id in lesson_ids}

    def _ordered(self, lesson_id: str, homes: dict[str, str]) -> tuple[RelayAddress, ...]:
        order = in_order(lesson_id, homes.get(lesson_id), self._relays)
        return tuple(self._relays[node_id] for node_id in order)
