"""How every relay node is now, for whoever places lessons."""

import asyncio
from collections.abc import Callable, Sequence

from scheduler.placement.ranking import NodeVitals
from server.relays.supervision import NodeSupervisor


def vitals_of(supervisors: Sequence[NodeSupervisor]) -> Callable[[], list[NodeVitals]]:
    """Return a function that answers how every node is now."""

    def ask() -> list[NodeVitals]:
        now = asyncio.get_running_loop().time()
        return [supervisor.vitals(now) for supervisor in supervisors]

    return ask
