"""Thresholds of a relay's figures, and the states they make of lines and nodes. Pure.

A look is one of the state classes of base.css: "" (as usual), "warn" or "bad".
"""

LOSS_WARN, LOSS_BAD = 0.02, 0.10
"""Shares lost from which speech suffers, and from which pictures stand still."""
SLOW = 0.3
"""Seconds of round trip from which people interrupt each other (ITU-T G.114: 150 ms one way)."""
BUSY = 0.8
"""Share of a core from which a node's packets begin to wait for each other; it uses one core."""

WORST_FIRST = ("silent", "bad", "warn", "waiting", "joining", "good")
"""States of a line."""
TROUBLE = frozenset({"silent", "bad", "warn", "waiting"})
"""States that are worth a look. Who is joining will be there in a second or be gone."""


def connection_state(state: str, fraction_lost: float, round_trip_time: float | None) -> str:
    """Return what to say of a connection: good, warn, bad, or silent, or joining (not there yet).

    `state` is a peer's on the node: NEW, CONNECTING, CONNECTED, SILENT.
    """
    if state in ("NEW", "CONNECTING"):
        return "joining"
    if state != "CONNECTED":
        return "silent"
    looks = (loss_look(fraction_lost), trip_look(round_trip_time))
    return next((look for look in ("bad", "warn") if look in looks), "good")


def loss_look(share: float) -> str:
    """Return the look of a share lost."""
    if share >= LOSS_BAD:
        return "bad"
    return "warn" if share >= LOSS_WARN else ""


def trip_look(seconds: float | None) -> str:
    """Return the look of a round trip; one that was not measured is as usual."""
    return "warn" if seconds is not None and seconds >= SLOW else ""


def node_state(reachable: bool, utilization: float | None) -> str:
    """Return what to say of a node: good, busy or away. `utilization` in cores, if it is known."""
    if not reachable:
        return "away"
    return "busy" if utilization is not None and utilization >= BUSY else "good"
