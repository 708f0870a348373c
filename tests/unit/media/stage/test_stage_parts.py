"""Keyframe requests merged, reception statistics, and the table of peers."""

from itertools import product

import pytest

from media.node.session.peer_states import (
    PEER_TABLE,
    IllegalTransition,
    PeerEvent,
    PeerState,
    next_peer_state,
)
from media.packets.rtcp import SenderReport
from media.packets.rtp import RtpPacket
from media.stage.keyframes import KeyframeGate
from media.stage.reception.reception import Reception


def test_a_hundred_requests_a_second_reach_the_publisher_once_a_second() -> None:
    gate = KeyframeGate()
    sent = 0
    for hundredth in range(1000):
        gate.ask()
        sent += gate.due(hundredth / 100)
    assert (gate.asked, gate.sent, sent) == (1000, 10, 10)


def test_no_keyframe_is_requested_after_one_has_come() -> None:
    gate = KeyframeGate()
    gate.ask()
    gate.arrived()
    assert not gate.due(5.0)


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


@pytest.mark.parametrize("jump", [5000, 30_000, -1500, -5000])
def test_a_jump_is_neither_lost_nor_missing(jump: int) -> None:
    reception = Reception(7, 90_000)
    for sequence in (1, 3, 4 + jump, 5 + jump, 7 + jump):
        reception.receive(RtpPacket(False, 96, sequence % 65536, 0, 7, b""), 0.0)
    assert (reception.lost, reception.packets) == (2, 5)
    assert reception.missing.due(1.0).sequences == [(6 + jump) % 65536]
    block = reception.block(1.0)
    assert (block.total_lost, block.highest % 65536) == (2, (7 + jump) % 65536)


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
