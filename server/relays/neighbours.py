"""What becomes of a relay node that runs already, by the versions that it speaks. Pure.

An upgrade restarts the coordinator, while nodes of the version before carry lessons. Neighbours
work together; and a node that is too old or too new for us is never ended while a lesson is on it.
"""

from enum import StrEnum

from media.contract.control import PROTOCOL, NodeHello


class Fate(StrEnum):
    ADOPT = "adopt"
    REPLACE = "replace"  # end it and start our own
    LET_FINISH = "let finish"  # no new lessons; look again until its last stage is closed


def fate_of(hello: NodeHello, live_stages: int | None, may_replace: bool) -> Fate:
    """Return what to do with our node that said `hello`.

    `live_stages` is None where the node cannot be asked: then it may have some. `may_replace` says
    whether we start nodes at all.
    """
    idle = may_replace and live_stages == 0
    if hello.common is None:
        return Fate.REPLACE if idle else Fate.LET_FINISH
    if idle and hello.protocol < PROTOCOL:
        return Fate.REPLACE
    return Fate.ADOPT
