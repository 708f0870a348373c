"""The ring to its last place, and which keyframe a latecomer begins with."""

import pytest

from media.stage.packet import StagePacket
from media.stage.subscriptions.cache import PacketCache
from media.stage.subscriptions.padding import equalise


def packet(sequence: int, keyframe: bool = False, timestamp: int | None = None) -> StagePacket:
    time = sequence if timestamp is None else timestamp
    return StagePacket(sequence, time, True, keyframe, "H264", b"x")


def held(cache: PacketCache, *sequences: int) -> list[int]:
    found = [(sequence, cache.get(sequence)) for sequence in sequences]
    return [sequence for sequence, one in found if one is not None and one.sequence == sequence]


def test_a_ring_holds_its_last_packets() -> None:
    cache = PacketCache(4)
    assert (cache.newest, cache.keyframe_at, cache.get(0), cache.get(-1)) == (-1, None, None, None)
    cache.put([packet(number) for number in range(5)])
    assert held(cache, *range(7)) == [1, 2, 3, 4]
    cache.put([packet(9)])
    assert held(cache, *range(12)) == [2, 3, 4, 9]
    cache.put([packet(7)])
    assert (cache.newest, held(cache, *range(12))) == (9, [2, 4, 7, 9])


@pytest.mark.parametrize(
    ("sequence", "count", "found"),
    [(0, 3, [0, 1]), (1, 1, [1]), (2, 1, []), (3, 9, [3, 4]), (4, 1, [4]), (5, 3, []), (0, 0, [])],
)
def test_holes_are_passed_over(sequence: int, count: int, found: list[int]) -> None:
    cache = PacketCache(8)
    cache.put([packet(number) for number in (0, 1, 3, 4)])
    assert [one.sequence for one in cache.since(sequence, count)] == found


@pytest.mark.parametrize(
    ("limit", "newest", "start"),
    [(9, 5, 3), (3, 5, 3), (2, 5, None), (99, 10, 3), (99, 11, None), (1, 3, 3), (0, 3, None)],
)
def test_a_latecomer_begins_so_many_packets_back(
    limit: int, newest: int, start: int | None
) -> None:
    cache = PacketCache(8)
    cache.put([packet(3, keyframe=True)])
    cache.put([packet(number) for number in range(4, newest + 1)])
    assert cache.replayable(limit) == start


def test_the_newest_keyframe_is_the_one_to_begin_with() -> None:
    cache = PacketCache(64)
    assert cache.replayable(9) is None
    cache.put([packet(3, True, 30), packet(4, True, 30), packet(5, False, 30)])
    assert cache.keyframe_at == 3
    cache.put([packet(7, True, 70)])
    assert cache.keyframe_at == 7
    cache.put([packet(2, True, 20)])  # one that is late
    assert cache.keyframe_at == 7
    cache.put([packet(6, True, 70)])  # the beginning of the newest, late
    assert cache.keyframe_at == 6
    cache.put([packet(1, True, 30)])  # that of an older one
    assert cache.keyframe_at == 6


def test_two_keyframes_are_kept_beside_the_ring() -> None:
    cache = PacketCache(2)
    for start in (10, 20, 30):
        cache.put([packet(start, True, start), packet(start + 1, False, start), packet(start + 2)])
    cache.put([packet(50), packet(51)])
    assert held(cache, 10, 11, 20, 21, 22, 30, 31, 32) == [20, 21, 30, 31]


def test_a_keyframe_is_kept_up_to_512_packets() -> None:
    cache = PacketCache(1)
    cache.put([packet(number, number == 0, timestamp=0) for number in range(514)])
    assert held(cache, 0, 511, 512, 513) == [0, 511, 513]


def test_with_its_source_a_keyframe_goes_and_the_ring_stays() -> None:
    cache = PacketCache(4)
    cache.put([packet(3, True), packet(4)])
    cache.end_source()
    assert (cache.keyframe_at, cache.replayable(9), held(cache, 3, 4)) == (None, None, [3, 4])
    cache.forget()
    assert (held(cache, 3, 4), cache.newest) == ([], 4)
    cache.put([packet(5, True)])
    assert (cache.keyframe_at, held(cache, 5)) == (5, [5])


def sizes(*lengths: int) -> list[tuple[int, int]]:
    """Return length and padding of each packet of a frame."""
    frame = [packet(at)._replace(payload=bytes(length)) for at, length in enumerate(lengths)]
    return [(len(one.payload), one.pad) for one in equalise(frame)]


@pytest.mark.parametrize(
    ("lengths", "pads"),
    [
        ([], []),
        ([5], [0]),
        ([5, 5], [0, 0]),
        ([5, 3], [0, 0]),
        ([3, 5], [2, 0]),
        ([100, 99, 101, 5], [1, 2, 0, 0]),
        ([37, 100, 5], [63, 0, 0]),
        ([36, 100, 5], [0, 0, 0]),
        ([100, 100, 200], [0, 0, 0]),
        ([140, 100, 200], [60, 0, 0]),
    ],
)
def test_packets_nearly_as_long_as_the_longest_are_padded(
    lengths: list[int], pads: list[int]
) -> None:
    assert sizes(*lengths) == list(zip(lengths, pads, strict=True))
