"""The control API's shapes: which versions work together, and what may be left out."""

import pytest
from pydantic import ValidationError

from media.contract import control
from media.contract.control import (
    Acknowledge,
    CloseStage,
    JournalPage,
    NodeHello,
    Revoke,
    Stages,
)
from media.contract.stats import NodeStats, PublisherStats, StageStats, ViewerStats
from media.contract.subjects import Subject

HELLO = {"node": "n1", "boot": "b1", "protocol": 3, "pid": 7, "seq": 9}


def test_this_version_speaks_three_and_bears_with_a_node_of_two() -> None:
    assert (control.PROTOCOL, control.OLDEST_NODE, control.OLDEST_COORDINATOR) == (3, 2, 3)
    assert control.HEADER == "Tongke-Protocol"


@pytest.mark.parametrize(
    ("protocol", "oldest", "common"),
    [(1, None, None), (2, None, 2), (3, None, 3), (4, None, None), (1, 1, None), (2, 1, 2),
     (2, 2, 2), (3, 3, 3), (4, 2, 3), (4, 3, 3), (4, 4, None), (9, 5, None)],
)  # fmt: skip
def test_both_sides_speak_the_newest_version_that_both_know(
    protocol: int, oldest: int | None, common: int | None
) -> None:
    hello = NodeHello.model_validate({**HELLO, "protocol": protocol, "oldest": oldest})
    assert hello.common == common


def test_an_old_node_says_less() -> None:
    hello = NodeHello.model_validate(HELLO)
    assert hello.model_dump() == {
        **HELLO,
        "oldest": None,
        "udp_port": 0,
        "uptime": 0.0,
        "cpu_utilization": 0.0,
        "stages": None,
    }


def test_a_revocation_names_nobody_unless_it_says_so() -> None:
    read = Revoke.model_validate_json('{"until": 5}')
    assert read.model_dump() == {"devices": (), "jti": (), "subjects": (), "until": 5}
    assert Revoke.model_validate_json('{"jti": ["t1"], "until": 5}').jti == ("t1",)


@pytest.mark.parametrize(
    ("shape", "document"),
    [(CloseStage, '{"reason": "x"}'), (CloseStage, '{"until": 5}'), (Revoke, "{}"),
     (Revoke, '{"until": 5, "people": []}'), (Acknowledge, "{}"), (Acknowledge, '{"seq": -1}'),
     (CloseStage, '{"reason": "x", "until": 5, "now": true}'),
     (Acknowledge, '{"seq": 1, "node": "n1"}'), (Stages, "{}"), (JournalPage, '{"records": []}'),
     (JournalPage, '{"last": 1}')],
)  # fmt: skip
def test_half_a_request_is_refused(
    shape: type[CloseStage | Revoke | Acknowledge | Stages | JournalPage], document: str
) -> None:
    with pytest.raises(ValidationError):
        shape.model_validate_json(document)


def test_a_page_of_the_journal_is_read() -> None:
    record = '{"node":"n1","boot":"b1","seq":7,"mono":1.5,"wall":2.5,"kind":"sample"}'
    page = JournalPage.model_validate_json(f'{{"records":[{record}],"last":9,"more":true}}')
    assert (page.node, page.boot, page.last) == ("", "", 9)
    (read,) = page.records
    assert (read.seq, read.kind, read.stage, read.data, read.v) == (7, "sample", "", {}, 1)


def test_an_old_node_counts_no_refused_packets() -> None:
    stats = NodeStats(
        node="n1", boot="b1", uptime=1, cpu_seconds=1, cpu_utilization=0.1, cpu_per_packet=None,
        packets_sent=1, packets_dropped=0,
    )  # fmt: skip
    assert (stats.packets_refused, stats.stages) == (0, {})
    room = Subject("room:r1")
    viewer = ViewerStats(
        peer="p", subject=room, role="LEG", state="CONNECTED", since=1, bitrate=1,
        fraction_lost=0, round_trip_time=None, packets_dropped=0, streams=(),
    )  # fmt: skip
    publisher = PublisherStats(
        peer="p", subject=room, role="HOST", slot="main", state="CONNECTED", since=1, bitrate=1,
        available_bitrate=1, fraction_lost=0, packets_dropped=0,
    )  # fmt: skip
    assert (viewer.packets_refused, publisher.packets_refused) == (0, 0)
    assert StageStats().model_dump() == {"tracks": (), "publishers": (), "viewers": ()}
