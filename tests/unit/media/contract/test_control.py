"""Which versions work together, and orders that are newer than the node they reach."""

import pytest
from pydantic import ValidationError

from media.contract.control import (
    OLDEST_COORDINATOR,
    OLDEST_NODE,
    PROTOCOL,
    CloseStage,
    NodeHello,
    Revoke,
)

HELLO = NodeHello(node="n1", boot="b1", protocol=PROTOCOL, oldest=PROTOCOL, pid=1, seq=0)


@pytest.mark.parametrize(
    ("protocol", "oldest", "common"),
    [
        (PROTOCOL, OLDEST_COORDINATOR, PROTOCOL),
        (PROTOCOL, PROTOCOL, PROTOCOL),
        (PROTOCOL + 1, PROTOCOL, PROTOCOL),
        (PROTOCOL + 9, OLDEST_NODE, PROTOCOL),
        (PROTOCOL + 1, PROTOCOL + 1, None),
        (OLDEST_NODE, OLDEST_NODE, OLDEST_NODE),
        (OLDEST_NODE, None, OLDEST_NODE),
        (OLDEST_NODE, OLDEST_NODE - 1, OLDEST_NODE),
        (OLDEST_NODE - 1, None, None),
        (PROTOCOL + 1, None, None),
    ],
)
def test_the_newest_version_that_both_speak(
    protocol: int, oldest: int | None, common: int | None
) -> None:
    hello = HELLO.model_copy(update={"protocol": protocol, "oldest": oldest})
    assert hello.common == common


def test_the_hello_of_version_2_is_read() -> None:
    text = (
        '{"node": "n1", "boot": "b", "protocol": 2, "pid": 7, "seq": 9, "udp_port": 8701,'
        ' "uptime": 1.5, "cpu_utilization": 0.25}'
    )
    hello = NodeHello.model_validate_json(text)
    assert (hello.common, hello.oldest, hello.stages, hello.cpu_utilization) == (
        2,
        None,
        None,
        0.25,
    )


def test_a_newer_hello_may_say_more() -> None:
    text = HELLO.model_dump_json()[:-1] + ', "mood": {"of": "the day"}}'
    assert NodeHello.model_validate_json(text) == HELLO


@pytest.mark.parametrize(
    "text",
    [
        *('{"until": 1, "persons": ["p1"]}', '{"devices": ["t1"]}', '{"until": NaN}'),
        *('{"until": -1}', '{"until": "1"}', '{"until": true}', '{"until": 1, "devices": "t1"}'),
        *('{"until": 1, "devices": [1]}', '{"until": 1, "jti": ["a\\u0000"]}', "[]", "{"),
    ],
)
def test_an_order_that_is_not_understood_whole_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Revoke.model_validate_json(text)


def test_orders_are_read() -> None:
    read = Revoke.model_validate_json('{"subjects": ["room:r1", ""], "until": 5}')
    assert (read.subjects, read.devices, read.until) == (("room:r1", ""), (), 5.0)
    assert CloseStage.model_validate_json('{"reason": "over", "until": 5.5}').until == 5.5
