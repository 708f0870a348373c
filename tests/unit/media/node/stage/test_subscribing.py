"""The numbers that a new viewer is given."""

from media.contract.tickets import Slot
from media.node.session.negotiation import OfferedTrack
from media.node.stage.subscribing import new_subscriber
from media.stage.reception.numbering import MAX_LATE


class Nowhere:
    """An outlet of which nothing is wanted."""

    def send_rtp(self, packet: bytes) -> None:
        raise AssertionError(packet)

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.send_rtp(packet)


def test_a_viewers_numbers_wrap_neither_at_once_nor_backwards() -> None:
    """What is late goes up to MAX_LATE below the first; libsrtp must not take it for a wrap."""
    place = OfferedTrack(Slot.MAIN, "video", "0", {})
    firsts = [new_subscriber(Nowhere(), place, "").first_sequence for _ in range(500)]
    assert min(firsts) >= MAX_LATE
    assert max(firsts) < 1 << 15
    assert len(set(firsts)) > 400
