"""A frame laid out once for all its viewers, octet for octet, and how it is cut into messages."""

import pytest

from media.fanout.segments import run_end
from media.fanout.template import Template
from media.stage.packet import StagePacket


def packet(
    sequence: int, payload: bytes, *, marker: bool = False, pad: int = 0, timestamp: int = 9
) -> StagePacket:
    return StagePacket(sequence, timestamp, marker, False, "H264", payload, pad)


def words(lanes: int, count: int) -> list[int]:
    octets = lanes.to_bytes(4 * count, "big")
    return [int.from_bytes(octets[at : at + 4], "big") for at in range(0, 4 * count, 4)]


def test_payloads_and_padding_lie_behind_room_for_their_headers() -> None:
    template = Template(4)
    template.load([packet(1, b"abc"), packet(2, b"de", pad=1), packet(3, b"f", pad=4)])
    assert template.stride == 256
    assert template.lengths == [15, 15, 17]
    octets = bytes(template.octets)
    assert octets[12:15] == b"abc"
    assert octets[256 + 12 : 256 + 15] == b"de\x01"
    assert octets[512 + 12 : 512 + 17] == b"f\0\0\0\x04"


def test_headers_are_lanes_of_each_packet_and_then_of_each_viewer() -> None:
    template = Template(4)
    template.load(
        [
            packet(65_535, b"a", timestamp=0xFFFFFFFF),
            packet(65_536, b"b", marker=True),
            packet(131_073, b"c", pad=2),
            packet(4, b"d", marker=True, pad=2),
        ]
    )
    heads, sequences, times = template.headers(2)
    assert words(heads, 8) == [0x80000000, 0x80800000, 0xA0000000, 0xA0800000] * 2
    assert words(sequences, 8) == [0xFFFF, 0, 1, 4] * 2
    assert words(times, 8) == [0xFFFFFFFF, 9, 9, 9] * 2
    assert template.headers(2) is template.headers(2)
    assert words(template.headers(1)[1], 4) == [0xFFFF, 0, 1, 4]


@pytest.mark.parametrize(
    ("length", "stride"),
    [(0, 256), (228, 256), (229, 1280), (1252, 1280), (1253, 1536), (1508, 1536)],
)
def test_the_narrowest_stride_that_holds_header_payload_and_trailer(
    length: int, stride: int
) -> None:
    template = Template(2)
    template.load([packet(1, bytes(length))])
    assert template.stride == stride
    pad = min(length, 255)
    template.load([packet(1, b"x"), packet(2, bytes(length - pad), pad=pad)])
    assert template.stride == stride


def test_there_is_room_for_as_many_of_the_longest_as_there_are_columns() -> None:
    template = Template(3)
    template.load([packet(number, bytes([number]) * 1508) for number in (1, 2, 3)])
    assert bytes(template.octets[3072 + 12 : 3072 + 1520]) == b"\3" * 1508


def test_a_packet_that_is_too_long_leaves_no_frame_behind() -> None:
    template = Template(2)
    first = [packet(1, b"abc")]
    template.load(first)
    template.headers(1)
    with pytest.raises(ValueError, match="1537 octets"):
        template.load([packet(2, bytes(1509))])
    assert template.frame == ()
    template.load(first)
    assert template.frame is first
    assert template.lengths == [15]
    assert words(template.headers(1)[1], 1) == [1]


def test_the_same_frame_is_laid_once_and_another_one_anew() -> None:
    template = Template(2)
    first = [packet(1, b"abc")]
    template.load(first)
    kept = template.headers(3)
    template.load(first)
    assert template.headers(3) is kept
    template.load([packet(2, b"abc")])
    assert words(template.headers(3)[1], 3) == [2, 2, 2]


@pytest.mark.parametrize(
    ("lengths", "ends"),
    [
        ([9], [1]),
        ([9, 9, 9], [3]),
        ([9, 9, 5], [3]),
        ([9, 5, 5], [2, 3]),
        ([5, 9, 9], [1, 3]),
        ([9, 5, 9], [2, 3]),
        ([9] * 64, [64]),
        ([9] * 65, [64, 65]),
        ([1300] * 51, [50, 51]),
        ([1300] * 49 + [5], [50]),
        ([1300] * 50 + [5], [50, 51]),
        ([70_000, 70_000], [1, 2]),
    ],
)
def test_a_message_carries_equal_packets_and_a_shorter_last_one(
    lengths: list[int], ends: list[int]
) -> None:
    found, start = [], 0
    while start < len(lengths):
        start = run_end(lengths, start)
        found.append(start)
    assert found == ends
