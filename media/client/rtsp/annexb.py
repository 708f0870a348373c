"""H.264 in Annex B form (ITU-T H.264), passed through: what a host sends is put in order. Pure.

A viewer that joins at a keyframe needs the parameter sets before it; hosts often send them once,
in the session description. B-frames cannot pass: WebRTC has no place for their decoding times.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

START = b"\x00\x00\x00\x01"
SLICE, IDR, SPS, PPS, DELIMITER, FILLER = 1, 5, 7, 8, 9, 12
B_SLICE = 1
"""slice_type modulo 5 (H.264, table 7-6)."""

HEADER = 16
"""Bytes of a slice that hold its first two numbers, however long."""


class SourceRefusedError(Exception):
    """what the host sends cannot be passed on; the text says what to change there"""


@dataclass(frozen=True, slots=True)
class Picture:
    """One access unit; `keyframe` where a decoder can begin, its parameter sets before it."""

    data: bytes
    keyframe: bool


def units(data: bytes) -> Iterator[bytes]:
    """Return the NAL units of a byte stream without their start codes."""
    at = data.find(b"\x00\x00\x01")
    while at != -1:
        following = data.find(b"\x00\x00\x01", at + 3)
        unit = data[at + 3 : len(data) if following == -1 else following].rstrip(b"\x00")
        if unit:
            yield unit
        at = following


def kind(unit: bytes) -> int:
    """Return nal_unit_type."""
    return unit[0] & 0x1F


def is_b_slice(unit: bytes) -> bool:
    """Whether a unit is a slice that may refer to later pictures."""
    if kind(unit) != SLICE:
        return False
    bits = _Bits(unit[1 : 1 + HEADER].replace(b"\x00\x00\x03", b"\x00\x00"))
    bits.exp_golomb()  # first_mb_in_slice
    return bits.exp_golomb() % 5 == B_SLICE


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._text = "".join(f"{byte:08b}" for byte in data)
        self._at = 0

    def exp_golomb(self) -> int:
        """Read ue(v) (H.264 section 9.1); 0 where the data ends first."""
        one = self._text.find("1", self._at)
        if one == -1:
            return 0
        zeros = one - self._at
        self._at = one + zeros + 1
        return int(self._text[one : self._at], 2) - 1


class AccessUnitFilter:
    """Access units of one connection, in order: nothing before the first keyframe."""

    def __init__(self, extradata: bytes) -> None:
        """`extradata` holds the parameter sets of the session description, as Annex B."""
        self._sets: dict[int, tuple[bytes, ...]] = {SPS: (), PPS: ()}
        self._begun = False
        self._remember(tuple(units(extradata)))

    def take(self, data: bytes) -> Picture | None:
        """Return the access unit to pass on, None before one that a decoder can begin with.

        Raise SourceRefusedError at a B-frame.
        """
        found = tuple(unit for unit in units(data) if kind(unit) not in (DELIMITER, FILLER))
        if any(map(is_b_slice, found)):
            raise SourceRefusedError("it sends H.264 with B-frames: set them to 0 at the host")
        self._remember(found)
        kinds = {kind(unit) for unit in found}
        keyframe = IDR in kinds
        if keyframe:
            found = self._with_sets(found)
            self._begun = self._begun or all(self._sets.values())
        if not self._begun or not kinds & {SLICE, IDR}:
            return None
        return Picture(b"".join(START + unit for unit in found), keyframe)

    def _remember(self, found: Sequence[bytes]) -> None:
        for which in self._sets:
            sets = tuple(unit for unit in found if kind(unit) == which)
            self._sets[which] = sets or self._sets[which]

    def _with_sets(self, found: Sequence[bytes]) -> tuple[bytes, ...]:
        rest = (unit for unit in found if kind(unit) not in self._sets)
        return (*self._sets[SPS], *self._sets[PPS], *rest)
