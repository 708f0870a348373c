"""What the pages need from the rest of the process; `server` provides it.

Of media `web` knows the types of the contract, and no more.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from media.contract.stats import NodeStats
from media.contract.subjects import Subject


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """One relay node as a browser reaches it, without a trailing slash."""

    node: str
    url: str  # e.g. "http://127.0.0.1:8701" or "/relay/n1"


def relay_list(relays: Iterable[RelayAddress]) -> list[dict[str, str]]:
    """Return nodes as every client reads them."""
    return [{"node": relay.node, "url": relay.url} for relay in relays]


@dataclass(frozen=True, slots=True)
class StageTicket:
    """A signed ticket and how long it opens the stage."""

    token: str
    not_before: datetime
    expires: datetime


class TicketIssuer(Protocol):
    """Mints tickets. `stage` is the lesson id."""

    def mint(
        self,
        stage: str,
        subject: Subject,
        role: str,
        grant: str,
        opens: datetime,
        closes: datetime,
        device: str = "",
    ) -> StageTicket:
        """`role`: HOST, LEG, PATROL, GUEST; `grant`: publish, view. Times are widened by leeway.

        `device` is the terminal that is given the ticket; it can be revoked by that.
        """
        ...

    def relays(self) -> Sequence[RelayAddress]:
        """Every node there is."""
        ...


class RelayPlacement(Protocol):
    """Which relay node carries a lesson."""

    async def relays(self, lesson_ids: Collection[str]) -> Mapping[str, Sequence[RelayAddress]]:
        """By lesson, every node in the order in which all its members try them."""
        ...


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One relay node as it answers now. An `outdated` one speaks no version of the control API that
    we do: it gets no new lessons, and is replaced once its last stage is closed."""

    id: str
    url: str
    reachable: bool = False
    boot: str = ""
    peers: int = 0
    stages: int = 0
    outdated: bool = False


class RelayNodes(Protocol):
    """What people may ask of the relay nodes. A node out of reach never raises here."""

    async def status(self) -> Sequence[NodeStatus]:
        """Every configured node."""
        ...

    async def stats(self) -> Mapping[str, NodeStats]:
        """By node, of those that answer: its cost and drops, and by stage tracks and peers."""
        ...
