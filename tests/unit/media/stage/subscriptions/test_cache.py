"""The cache holds two seconds of anything a publisher may send, and its last two keyframes."""

import pytest

from media.stage.packet import StagePacket
from media.stage.subscriptions.cache import KEYFRAMES, MAX_KEYFRAME, PacketCache
from media.stage.subscriptions.distribution import CACHE_PACKETS

SIZE = CACHE_PACKETS["video"]


def packet(sequence: int, keyframe: bool = False, timestamp: int | None = None) -> StagePacket:
    time = sequence * 3000 if timestamp is None else timestamp
    return StagePacket(sequence, time, True, keyframe, "H264", b"x")


def lesson(cache: PacketCache, bitrate: int, seconds: int, keyframe_every: int) -> list[range]:
    """Put a lesson of 30 pictures a second in packets of 1,162 octets; return its keyframes."""
    keyframes, sequence, debt = [], 0, 0.0
    for picture in range(30 * seconds):
        first = picture % (30 * keyframe_every) == 0
        debt += bitrate / 8 / 1162 / 30
        count = 60 if first else max(1, int(debt))
        debt -= count
        if first:
            keyframes.append(range(sequence, sequence + count))
        for index in range(count):
            cache.put([packet(sequence, first and index == 0, picture * 3000)])
            sequence += 1
    return keyframes


@pytest.mark.parametrize("bitrate", [2_800_000, 8_000_000])
def test_two_seconds_and_two_keyframes_ten_seconds_apart(bitrate: int) -> None:
    cache = PacketCache(SIZE)
    keyframes = lesson(cache, bitrate, 29, 10)
    a_second = bitrate // 8 // 1162
    held = [sequence for sequence in range(cache.newest + 1) if cache.get(sequence)]
    assert set(held) >= set(range(cache.newest - 2 * a_second, cache.newest + 1))
    assert set(held) >= {sequence for one in keyframes[-KEYFRAMES:] for sequence in one}
    assert len(held) <= SIZE + KEYFRAMES * MAX_KEYFRAME
    assert cache.keyframe_at == keyframes[-1].start


def test_a_keyframe_without_end_is_not_kept_without_end() -> None:
    cache = PacketCache(8)
    for sequence in range(2 * MAX_KEYFRAME):
        cache.put([packet(sequence, sequence == 0, timestamp=0)])
    held = [sequence for sequence in range(2 * MAX_KEYFRAME) if cache.get(sequence)]
    assert held == [*range(MAX_KEYFRAME), *range(2 * MAX_KEYFRAME - 8, 2 * MAX_KEYFRAME)]


def test_the_oldest_is_forgotten() -> None:
    cache = PacketCache(4)
    for sequence in range(6):
        cache.put([packet(sequence)])
    assert cache.get(1) is None
    assert cache.get(5) == packet(5)
    assert [p.sequence for p in cache.since(1, 10)] == [2, 3, 4, 5]


def test_a_replay_begins_with_the_first_packet_of_the_newest_keyframe() -> None:
    cache = PacketCache(64)
    cache.put([packet(0, keyframe=True)])
    cache.put([packet(10, keyframe=True, timestamp=5)])
    cache.put([packet(11, keyframe=True, timestamp=5)])
    cache.put([packet(12)])
    assert cache.replayable(10) == 10
    assert cache.replayable(2) is None
    cache.end_source()
    assert cache.replayable(10) is None
    assert cache.get(10) is not None
    cache.forget()
    assert cache.get(10) is None


def test_a_keyframe_whose_beginning_comes_late_begins_there_all_the_same() -> None:
    cache = PacketCache(64)
    cache.put([packet(11, keyframe=True, timestamp=5)])
    cache.put([packet(10, keyframe=True, timestamp=5)])
    assert cache.replayable(10) == 10
    cache.put([packet(3, keyframe=True, timestamp=2)])  # an older one, sent again
    assert cache.replayable(10) == 10


def test_a_keyframe_that_left_the_ring_cannot_be_replayed() -> None:
    cache = PacketCache(4)
    cache.put([packet(0, keyframe=True)])
    for sequence in range(1, 5):
        cache.put([packet(sequence)])
    assert cache.replayable(100) is None
    assert cache.get(0) is not None
