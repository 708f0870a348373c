"""Keyframe requests merged, the cache, reception statistics, and the table of peers."""

from itertools import product

import pytest

from media.packets.rtcp import SenderReport
from media.packets.rtp import RtpPacket
from media.stage.cache import PacketCache
from media.stage.keyframes import KeyframeGate
from media.stage.packet import StagePacket
from media.stage.peer_states import (
    PEER_TABLE,
    IllegalTransition,
    PeerEvent,
    PeerState,
    next_peer_state,
)
from media.stage.reception import Reception


def test_a_hundred_requests_a_second_reach_the_publisher_once_a_second() -> None:
    gate = KeyframeGate()
    sent = 0
    for hundredth in range(1000):
        gate.ask()
        sent += gate.due(hundredth / 100)
    assert (gate.asked, gate.sent, sent) == (1000, 10, 10)


def test_nobody_is_asked_for_a_keyframe_that_came() -> None:
    gate = KeyframeGate()
    gate.ask()
    gate.arrived()
    assert not gate.due(5.0)


def packet(sequence: int, keyframe: bool = False, timestamp: int | None = None) -> StagePacket:
    time = sequence * 3000 if timestamp is None else timestamp
    return StagePacket(sequence, time, True, keyframe, "H264", b"x")


def test_the_cache_forgets_the_oldest() -> None:
    cache = PacketCache(4)
    for sequence in range(6):
        cache.put(packet(sequence))
    assert cache.get(1) is None
    assert cache.get(5) == packet(5)
    assert [p.sequence for p in cache.since(1, 10)] == [2, 3, 4, 5]


def test_the_cache_replays_from_the_first_packet_of_the_newest_keyframe() -> None:
    cache = PacketCache(64)
    cache.put(packet(0, keyframe=True))
    cache.put(packet(10, keyframe=True, timestamp=5))
    cache.put(packet(11, keyframe=True, timestamp=5))
    cache.put(packet(12))
    assert cache.replayable(10) == 10
    assert cache.replayable(2) is None
    cache.forget()
    assert cache.replayable(10) is None


def test_a_keyframe_that_left_the_ring_cannot_be_replayed() -> None:
    cache = PacketCache(4)
    cache.put(packet(0, keyframe=True))
    for sequence in range(1, 5):
        cache.put(packet(sequence))
    assert cache.replayable(100) is None


def test_reception_counts_loss_over_the_wrap() -> None:
    reception = Reception(7, 90_000)
    for sequence in (65_534, 65_535, 1, 2):  # 0 is lost
        reception.receive(RtpPacket(False, 96, sequence, 0, 7, b""), 0.0)
    block = reception.block(1.0)
    assert (block.total_lost, block.fraction_lost, block.highest) == (1, 256 // 5, 65_538)
    assert reception.block(2.0).fraction_lost == 0


def test_reception_echoes_the_last_sender_report() -> None:
    reception = Reception(7, 90_000)
    reception.receive(RtpPacket(False, 96, 1, 0, 7, b""), 0.0)
    reception.reported(SenderReport(7, 0x0001_2345_6789_0000, 0), 1.0)
    block = reception.block(1.5)
    assert (block.last_sr, block.since_last_sr) == (0x23456789, 32768)


@pytest.mark.parametrize(("state", "event"), list(product(PeerState, PeerEvent)))
def test_every_state_and_event(state: PeerState, event: PeerEvent) -> None:
    if event in PEER_TABLE[state]:
        assert next_peer_state(state, event) is PEER_TABLE[state][event]
    else:
        with pytest.raises(IllegalTransition):
            next_peer_state(state, event)


def test_closed_is_final() -> None:
    assert set(PEER_TABLE[PeerState.CLOSED].values()) == {PeerState.CLOSED}
    assert set(PEER_TABLE) == set(PeerState)
