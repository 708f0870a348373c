"""Where a client connects: one node, one stage, one ticket. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StageAddress:
    """`node` is a base URL without a trailing slash; `ticket` a signed JWT that opens `stage`."""

    node: str
    stage: str
    ticket: str
