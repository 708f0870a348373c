"""Consent lasts 30 seconds behind the last packet, and not longer (RFC 7675)."""

import pytest

from media.node.session.peer_states import PeerState
from media.node.session.timeouts import (
    CHECK_INTERVAL,
    CONSENT_TIMEOUT,
    SILENT_AFTER,
    UNUSED_AFTER,
    end_reason,
    is_silent,
)

LIVE = (PeerState.CONNECTED, PeerState.SILENT)


@pytest.mark.parametrize("state", LIVE)
def test_a_peer_is_closed_by_the_time_its_consent_expires(
    state: PeerState,
) -> None:
    assert end_reason(state, CONSENT_TIMEOUT - CHECK_INTERVAL - 0.1, 9999.0) is None
    assert end_reason(state, CONSENT_TIMEOUT - 0.01, 9999.0) == "lost"


@pytest.mark.parametrize("state", [PeerState.NEW, PeerState.CONNECTING])
def test_a_session_that_never_connects_ends(state: PeerState) -> None:
    assert end_reason(state, 0.0, UNUSED_AFTER) is None
    assert end_reason(state, 0.0, UNUSED_AFTER + 0.1) == "never used"


def test_a_peer_falls_silent_once() -> None:
    assert is_silent(PeerState.CONNECTED, SILENT_AFTER + 0.1)
    assert not is_silent(PeerState.CONNECTED, SILENT_AFTER - 0.1)
    assert not is_silent(PeerState.SILENT, SILENT_AFTER + 0.1)
