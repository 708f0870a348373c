"""A peer that is closing."""

from media.contract.tickets import Grant
from media.node.session.peer_states import PeerState
from media.node.session.publisher import Publisher
from media.node.session.uplink import RembUplink
from media.stage.demux import NO_IDS
from media.stage.source import source_of
from tests.support.tickets import TicketMint

CLAIMS = TicketMint().claims("l1", "room:r1", Grant.VIEW)


def test_a_check_of_a_peer_that_is_closing_changes_nothing() -> None:
    source = source_of(CLAIMS.slot, CLAIMS.subject, [], NO_IDS)
    peer = Publisher(CLAIMS, None, source, RembUplink(1, None))  # type: ignore[arg-type]
    peer.state = PeerState.CLOSED
    peer.on_checked()
    assert peer.state is PeerState.CLOSED
