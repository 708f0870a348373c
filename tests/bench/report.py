"""What every bench prints: one JSON object a line on stdout; progress goes to stderr.

{"name", "value", "unit", "peer", "peer_value", "ratio", "load"}. `ratio` is that of the paired
windows (value / peer_value of each pair, and of these the median): below one we are better. Where
nothing compares, the peer's fields are null. Read the ratios: absolute figures are the machine's.
"""

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is measured beside us, in the same turns."""

    name: str
    values: Sequence[float]


def line(
    name: str,
    unit: str,
    values: Sequence[float],
    load: str,
    peer: Peer | None = None,
    digits: int = 2,
) -> None:
    """Print one result: medians of `values`, one a window, and of the ratios window by window."""
    load = f"{load}, median of {len(values)}" if len(values) > 1 else load
    ratio = theirs = None
    if peer is not None:
        ratios = [ours / theirs for ours, theirs in zip(values, peer.values, strict=True)]
        theirs = round(statistics.median(peer.values), digits)
        ratio = round(statistics.median(ratios), 3)
        load += f", ratios {min(ratios):.3f} to {max(ratios):.3f}"
    elif len(values) > 1:
        load += f", {min(values):.{digits}f} to {max(values):.{digits}f}"
    result = {
        "name": name,
        "value": round(statistics.median(values), digits),
        "unit": unit,
        "peer": peer.name if peer is not None else None,
        "peer_value": theirs,
        "ratio": ratio,
        "load": load,
    }
    print(json.dumps(result), flush=True)
