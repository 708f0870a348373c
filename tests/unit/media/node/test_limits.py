"""Revocations kept on disk, and rate limits."""

from dataclasses import replace
from pathlib import Path

import pytest

from media.contract import tickets
from media.contract.tickets import Grant, TicketError
from media.httpd.ratelimit import MAX_BUCKETS, RateLimit
from media.node.admission.revocations import RevocationList, StageClosed
from media.node.session.peer_states import PeerState
from media.node.session.publisher import Publisher
from media.node.session.uplink import RembUplink
from media.stage.demux import NO_IDS
from media.stage.source import source_of
from tests.support.tickets import TicketMint

CLAIMS = TicketMint().claims("l1", "room:r1", Grant.VIEW, device="t1")


def test_a_closed_stage_stays_closed_over_a_restart_until_it_expires(tmp_path: Path) -> None:
    path = tmp_path / "denials.json"
    RevocationList(path).add("stages", ["l1"], until=100, now=0)
    again = RevocationList(path)
    with pytest.raises(StageClosed):
        again.check(CLAIMS, 99)
    again.check(CLAIMS, 100)


def test_an_order_that_comes_late_shortens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "denials.json"
    revocations = RevocationList(path)
    revocations.add("devices", ["t1"], until=200, now=0)
    revocations.add("devices", ["t1"], until=100, now=0)
    for known in (revocations, RevocationList(path)):
        with pytest.raises(TicketError, match=tickets.REVOKED):
            known.check(CLAIMS, 199)
        known.check(CLAIMS, 200)


@pytest.mark.parametrize(
    ("kind", "name"), [("devices", "t1"), ("tickets", CLAIMS.jti), ("subjects", "room:r1")]
)
def test_revoked_devices_tickets_and_subjects(tmp_path: Path, kind: str, name: str) -> None:
    revocations = RevocationList(tmp_path / "denials.json")
    revocations.add(kind, [name], until=100, now=0)
    with pytest.raises(TicketError, match=tickets.REVOKED):
        revocations.check(CLAIMS, 1)


def test_a_revoked_device_takes_neither_its_successor_nor_people_with_it(tmp_path: Path) -> None:
    revocations = RevocationList(tmp_path / "denials.json")
    revocations.add("devices", ["t1", ""], until=100, now=0)
    revocations.check(replace(CLAIMS, device="t2"), 1)
    revocations.check(TicketMint().claims("l1", "person:p1", Grant.VIEW), 1)


def test_a_broken_list_does_not_stop_the_node(tmp_path: Path) -> None:
    (tmp_path / "denials.json").write_text("[1")
    RevocationList(tmp_path / "denials.json").check(CLAIMS, 1)


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    limit = RateLimit(burst=3, rate=2)
    assert [limit.allow("a", 0.0) for _ in range(4)] == [True, True, True, False]
    assert limit.allow("b", 0.0)
    assert limit.allow("a", 0.5)
    assert not limit.allow("a", 0.6)


def test_buckets_do_not_grow_without_end() -> None:
    limit = RateLimit(burst=1, rate=0)
    for number in range(MAX_BUCKETS + 1):
        limit.allow(str(number), 0.0)
    assert limit.allow("0", 0.0)  # the oldest was forgotten
    assert not limit.allow(str(MAX_BUCKETS), 0.0)


def test_buckets_that_are_full_again_are_forgotten() -> None:
    limit = RateLimit(burst=12, rate=2)
    for number in range(1000):
        limit.allow(str(number), number / 100)
    assert limit.size == 600  # who asked within the last six seconds
    for _ in range(12):
        assert limit.allow("busy", 10.0)
    limit.allow("other", 15.9)
    assert limit.allow("busy", 15.9)  # eleven came back, not twelve
    assert not all(limit.allow("busy", 15.9) for _ in range(11))


def test_a_check_of_a_peer_that_is_closing_changes_nothing() -> None:
    source = source_of(CLAIMS.slot, CLAIMS.subject, [], NO_IDS)
    peer = Publisher(CLAIMS, None, source, RembUplink(1, None))  # type: ignore[arg-type]
    peer.state = PeerState.CLOSED
    peer.on_checked()
    assert peer.state is PeerState.CLOSED
