"""Which layer of a picture a subscription gets: one interface, so that another rule is one class.

Browsers send a picture in layers of different bit rates (simulcast, RFC 8853), each a stream of its
own. A source with one layer leaves nothing to choose.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

HEADROOM = 0.9
"""Share of a viewer's estimate that a picture may take; sound and retransmission need the rest."""


class Layer(NamedTuple):
    """One layer of a picture: its RID ("" for the only one) and bit/s of the last second."""

    rid: str
    bitrate: int


class LayerChoice(Protocol):
    """Chooses for one subscription."""

    def choose(self, layers: Sequence[Layer], capacity: int | None) -> str:
        """Return the RID of one of `layers` (one at least) for a path of `capacity` bit/s, None
        while nothing is known of it."""
        ...


class BestThatFits:
    """The layer of the highest bit rate that the path carries, else the lowest that is sent."""

    def choose(self, layers: Sequence[Layer], capacity: int | None) -> str:
        sent = [layer for layer in layers if layer.bitrate] or list(layers)
        sent.sort(key=lambda layer: layer.bitrate)
        room = float("inf") if capacity is None else HEADROOM * capacity
        fitting = [layer for layer in sent if layer.bitrate <= room]
        return (fitting or sent[:1])[-1].rid
