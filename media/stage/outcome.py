"""What must follow a call of the core: returned to the driver, which has the timers and sockets."""

from collections.abc import Sequence
from typing import NamedTuple

NEVER = float("inf")


class Outcome(NamedTuple):
    """Orders of one track. Times are monotonic seconds.

    `began`: a source's first packet went out, and viewers need sender reports. `keyframe`: ask the
    publisher for one now. `nacks`: 16-bit numbers to ask the publisher for. `deadline`: call
    `Track.advance` then, NEVER where nothing waits; a later outcome replaces it.
    """

    began: bool = False
    keyframe: bool = False
    nacks: Sequence[int] = ()
    deadline: float = NEVER


NOTHING = Outcome()
