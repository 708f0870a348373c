"""A peer on a node, as a table.

NEW has a session but no packet yet. A valid connectivity check makes it CONNECTING, a finished
handshake CONNECTED. After five seconds without a packet it is SILENT, and any packet brings it
back. CLOSED is final, whatever the reason: deleted, taken over, closed by the peer, timed out.
"""

from enum import StrEnum


class PeerState(StrEnum):
    NEW = "NEW"
    CONNECTING = "CONNECTING"
    CONNECTED = "CONNECTED"
    SILENT = "SILENT"
    CLOSED = "CLOSED"


class PeerEvent(StrEnum):
    CHECKED = "CHECKED"  # a connectivity check with valid integrity
    SECURED = "SECURED"  # the DTLS handshake is complete
    TIMEOUT = "TIMEOUT"  # nothing received for SILENT_AFTER
    HEARD = "HEARD"  # an authenticated packet
    CLOSE = "CLOSE"


class IllegalTransition(Exception):
    """this cannot happen to a peer in this state"""


_S, _E = PeerState, PeerEvent
PEER_TABLE: dict[PeerState, dict[PeerEvent, PeerState]] = {
    _S.NEW: {_E.CHECKED: _S.CONNECTING, _E.CLOSE: _S.CLOSED},
    _S.CONNECTING: {
        _E.CHECKED: _S.CONNECTING,
        _E.SECURED: _S.CONNECTED,
        _E.CLOSE: _S.CLOSED,
    },
    _S.CONNECTED: {
        _E.CHECKED: _S.CONNECTED,
        _E.HEARD: _S.CONNECTED,
        _E.TIMEOUT: _S.SILENT,
        _E.CLOSE: _S.CLOSED,
    },
    _S.SILENT: {
        _E.CHECKED: _S.CONNECTED,
        _E.HEARD: _S.CONNECTED,
        _E.TIMEOUT: _S.SILENT,
        _E.CLOSE: _S.CLOSED,
    },
    _S.CLOSED: {_E.CLOSE: _S.CLOSED},
}


def next_peer_state(state: PeerState, event: PeerEvent) -> PeerState:
    """Return the peer's next state; raise IllegalTransition where the table has none."""
    try:
        return PEER_TABLE[state][event]
    except KeyError:
        raise IllegalTransition(f"{event} cannot happen to a peer that is {state}") from None
