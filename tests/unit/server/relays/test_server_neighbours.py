"""What becomes of a running node, for every pair of versions: no lesson is ever ended."""

import pytest

from media.contract.control import OLDEST_NODE, PROTOCOL, NodeHello
from server.relays.neighbours import Fate, fate_of

ADOPT, REPLACE, LET_FINISH = Fate.ADOPT, Fate.REPLACE, Fate.LET_FINISH


@pytest.mark.parametrize(
    ("protocol", "oldest", "idle", "busy"),
    [
        (PROTOCOL, PROTOCOL, ADOPT, ADOPT),
        (PROTOCOL + 1, PROTOCOL, ADOPT, ADOPT),
        (OLDEST_NODE, None, REPLACE, ADOPT),
        (PROTOCOL + 1, PROTOCOL + 1, REPLACE, LET_FINISH),
        (OLDEST_NODE - 1, None, REPLACE, LET_FINISH),
    ],
)
def test_the_fate_of_a_node(protocol: int, oldest: int | None, idle: Fate, busy: Fate) -> None:
    hello = NodeHello(node="n1", boot="b1", protocol=protocol, oldest=oldest, pid=1, seq=0)
    assert fate_of(hello, 0, may_replace=True) is idle
    assert fate_of(hello, 1, may_replace=True) is busy
    assert fate_of(hello, None, may_replace=True) is busy, "it cannot be asked: it may have lessons"
    assert fate_of(hello, 0, may_replace=False) is busy, "it is not ours to end"
