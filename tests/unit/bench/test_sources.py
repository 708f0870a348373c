"""What the benches send: whole frames, at a pace, in unbroken numbers."""

import asyncio

from media.packets.rtp import RtpPacket, parse_rtp
from tests.bench.sources import BURST, PAYLOAD, Program, Source, frames_of_ten, synthetic
from tests.support.offer import AUDIO, VIDEO


def parsed(sent: list[bytes]) -> list[RtpPacket]:
    return [parse_rtp(packet) for packet in sent]


async def test_a_window_holds_whole_frames_only() -> None:
    sent: list[bytes] = []
    program = frames_of_ten(sent.append, 1500)
    for _window in range(3):
        before = program.sent
        await program.play(0.05)
        assert (program.sent - before) % BURST == 0
    assert program.sent == len(sent) > 0


async def test_numbers_go_on_from_window_to_window() -> None:
    sent: list[bytes] = []
    program = frames_of_ten(sent.append, 1500)
    await program.play(0.05)
    await asyncio.sleep(0.02)
    await program.play(0.05)
    packets = parsed(sent)
    assert [packet.sequence for packet in packets] == list(range(len(sent)))
    assert {packet.timestamp - packets[0].timestamp for packet in packets} == {
        600 * frame for frame in range(len(sent) // BURST)
    }
    assert [packet.marker for packet in packets] == ([False] * (BURST - 1) + [True]) * (
        len(sent) // BURST
    )
    assert {len(packet.payload) for packet in packets} == {PAYLOAD}


async def test_a_pause_is_not_made_up_for() -> None:
    """After a pause the pace goes on from now: no burst of what was not sent meanwhile."""
    program = frames_of_ten(lambda packet: None, 300)
    await program.play(0.1)
    before = program.sent
    await asyncio.sleep(0.5)
    await program.play(0.1)
    assert program.sent - before <= 4 * BURST


async def test_sound_and_picture_play_together_as_streams_of_their_own() -> None:
    sent: list[bytes] = []
    picture = Source(sent.append, synthetic(), 50)
    sound = Source(sent.append, iter(lambda: [b"opus"], None), 50, AUDIO)
    await Program(picture, sound).play(0.1)
    packets = parsed(sent)
    assert {packet.payload_type for packet in packets} == {AUDIO, VIDEO}
    assert len({packet.ssrc for packet in packets}) == 2
    assert not any(packet.marker for packet in packets if packet.payload_type == AUDIO)
