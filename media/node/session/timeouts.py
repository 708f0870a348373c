"""How long a peer may be silent, by the last packet that came from it. Pure.

A lite agent answers connectivity checks and sends none, so a peer's consent (RFC 7675) is what it
goes on sending: checks every few seconds, reports, media.
"""

from media.node.session.peer_states import PeerState

SILENT_AFTER = 5.0
"""Seconds after which a peer counts as silent; any packet brings it back."""

CONSENT_TIMEOUT = 30.0
"""Seconds after the last packet at which the consent has expired (RFC 7675 section 5.1)."""

CHECK_INTERVAL = 1.5
"""Seconds between two checks at most, with the loop busy: no session outlives its consent."""

UNUSED_AFTER = 15.0
"""Seconds that a session may take to connect."""


def end_reason(state: PeerState, unheard: float, age: float) -> str | None:
    """Return why a peer's session is over, None while it is not.

    `unheard` and `age` are seconds since the last packet and since the session's beginning.
    """
    if state in (PeerState.NEW, PeerState.CONNECTING):
        return "never used" if age > UNUSED_AFTER else None
    return "lost" if unheard > CONSENT_TIMEOUT - CHECK_INTERVAL else None


def is_silent(state: PeerState, unheard: float) -> bool:
    """Tell whether a connected peer has fallen silent just now."""
    return state is PeerState.CONNECTED and unheard > SILENT_AFTER
