"""The numbers that a new viewer is given."""

from media.contract.tickets import Slot
from media.node.session.negotiation import OfferedTrack
from media.node.stage.subscribing import new_subscriber, new_subscriptions
from media.packets.sdp import Codec
from media.stage.reception.numbering import MAX_LATE
from media.stage.slot import StageSlot
from tests.support.plain_audience import PlainAudience


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
    assert max(firsts) > 1000 + (1 << 13)


def test_nobody_guesses_a_viewers_numbers() -> None:
    codec = Codec(102, "H264", 90_000, 1, {}, ())
    place = OfferedTrack(Slot.MAIN, "video", "0", {"H264": codec})
    found = [new_subscriber(Nowhere(), place, "c1") for _ in range(300)]
    assert {(one.payload_types["H264"], one.cname) for one in found} == {(102, "c1")}
    for numbers, bits in (([one.ssrc for one in found], 31),
                          ([one.timestamp_offset for one in found], 30)):  # fmt: skip
        assert len(set(numbers)) > 290
        assert (1 << bits - 1) < max(numbers) < (1 << bits)
    assert all(one.ssrc % 2 for one in found), "none is 0"


def test_each_slot_of_an_offer_has_a_subscription() -> None:
    slots = {
        slot: StageSlot(slot, ("audio", "video"), f"c-{slot.value}", lambda _kind: PlainAudience())
        for slot in Slot
    }
    offered = [
        OfferedTrack(slot, kind, "0", {})
        for slot, kind in ((Slot.MAIN, "audio"), (Slot.GUEST, "video"), (Slot.MAIN, "video"))
    ]
    found = new_subscriptions(Nowhere(), offered, slots)
    assert [(one.slot, list(one.ends)) for one in found] == [
        (slots[Slot.MAIN], ["audio", "video"]),
        (slots[Slot.GUEST], ["video"]),
    ]
    assert [one.ends["video"].cname for one in found] == ["c-main", "c-guest"]
    assert not slots[Slot.MAIN].subscriptions, "none has begun"
