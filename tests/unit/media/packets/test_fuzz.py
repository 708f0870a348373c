"""A small helping of `python -m tests.fuzz`: the big counts are run by hand (docs of that command).

Seeds are fixed, so that a red run can be repeated; hypothesis explores beside it.
"""

import pytest

from media.packets.sdp import parse_fragment
from tests.fuzz.packets import PACKETS, STUN_SEEDS, try_stun
from tests.fuzz.target import Finding, Target, fuzz
from tests.fuzz.texts import TEXTS, TICKETS, try_ticket

COUNT = 1500


@pytest.mark.parametrize("target", {**PACKETS, **TEXTS}.values(), ids={**PACKETS, **TEXTS}.keys())
def test_spoiled_inputs_are_read_or_refused(target: Target) -> None:
    figures = fuzz(target, COUNT, seed=7)
    assert figures.read > 0
    assert figures.refused > 0


def test_the_seeds_themselves_are_genuine() -> None:
    assert all(try_stun(seed) for seed in STUN_SEEDS)
    assert [try_ticket((token, False)) for token in TICKETS] == [True, True] + [False] * 4


def test_a_parser_that_fails_is_found() -> None:
    def make(_chance: object) -> str:
        return "a=ice-ufrag:x"

    def broken(text: str) -> bool:
        return len(parse_fragment(text).candidates) > 9  # raises SdpError, which it must not

    with pytest.raises(Finding, match="input 0 of seed 3"):
        fuzz(Target(make, broken), 10, seed=3)
