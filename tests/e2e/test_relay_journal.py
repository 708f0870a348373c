"""The journal of a real node: the facts of a session, and what a kill -9 leaves of it."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from media.client.session.publisher import Publisher
from media.clock import wall
from media.contract.journal import decode
from media.contract.journal_data import PeerSample
from media.transport.dtls import SharedCertificate
from tests.support.clips import clip
from tests.support.lightpeer import LightViewer
from tests.support.relay import RelayProcess
from tests.support.standstill import Stopwatch
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

CERTIFICATE = SharedCertificate.generateCertificate()


def facts(records: list[dict[str, Any]], subject: str) -> list[str]:
    """The kinds of a subject's records in order, without samples and reports."""
    return [r["kind"] for r in records if r["subject"] == subject]


def samples(records: list[dict[str, Any]], subject: str) -> list[PeerSample]:
    """What the samples say of a subject's peer, in order."""
    mine = [r for r in records if r["subject"] == subject]
    (peer,) = [r["peer"] for r in mine if r["kind"] == "peer_connected"]
    told = [r["data"]["peers"] for r in records if r["kind"] == "sample"]
    return [PeerSample(*peers[peer]) for peers in told if peer in peers]


async def test_a_session_leaves_its_facts_in_order(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    began = wall()
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    viewer = LightViewer(client_http, relay.view_place("l1"), CERTIFICATE)
    await viewer.start()
    await until(lambda: viewer.octets > 100_000, 10, "100 kB of media")
    await asyncio.sleep(2.2)  # two samples
    sent = samples(await relay.records(client_http), "room:leg")[-1].packets
    assert sent > 0
    await until(lambda: sum(viewer.packets.values()) >= sent, 5, f"the {sent} packets of a sample")
    await viewer.close()
    await publisher.close()
    ended = wall()
    records = await relay.records(client_http)
    for subject in ("room:host", "room:leg"):
        assert facts(records, subject) == ["peer_connected", "first_media", "peer_left"]
    assert [r["seq"] for r in records] == list(range(1, len(records) + 1))
    assert {r["boot"] for r in records} == {relay.boot}
    assert [r["mono"] for r in records] == sorted(r["mono"] for r in records)
    assert all(began - 10 < r["wall"] <= ended for r in records)
    connected = [r for r in records if r["kind"] == "peer_connected"]
    assert [(r["role"], r["data"]["grant"], r["data"]["slot"]) for r in connected] == [
        ("HOST", "publish", "main"),
        ("LEG", "view", "main"),
    ]
    left = [r for r in records if r["kind"] == "peer_left"]
    assert all(ended - 3 < r["data"]["last_heard"] <= ended for r in left)


def segments(folder: Path) -> list[Path]:
    """The journal's files, oldest first."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and "journal" in str(path))


async def test_a_kill_loses_at_most_a_second_and_the_sequence_goes_on(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    await asyncio.sleep(3.2)
    watch = Stopwatch()
    before = await relay.records(client_http)
    killed = wall()
    await relay.kill()
    (segment,) = [path for path in segments(relay.journal_folder) if path.stat().st_size]
    whole, length, _unreadable = decode(segment.read_bytes())
    assert length == segment.stat().st_size
    assert whole[-1].seq >= before[-1]["seq"]
    assert killed - whole[-1].wall < watch.allows(2.0)
    with segment.open("ab") as file:  # what a power cut leaves of a write
        file.write(b"\x00\x00\x01\x00torn")
    first_boot = relay.boot
    await relay.start()
    after = await relay.records(client_http)
    assert [r["seq"] for r in after] == list(range(1, len(after) + 1))
    assert after[: len(before)] == before
    second = [r for r in after if r["boot"] == relay.boot]
    assert second[0]["kind"] == "node_started"
    assert second[0]["seq"] == whole[-1].seq + 1
    assert {r["boot"] for r in after} == {first_boot, relay.boot}
    await publisher.close()


async def test_what_was_acknowledged_is_not_told_again_after_a_restart(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    await publisher.close()
    position = (await relay.records(client_http))[-1]["seq"]
    await relay.control(client_http, "POST", "/journal/ack", {"seq": position})
    assert await relay.stop() == 0
    await relay.start()
    new = await relay.records(client_http, after=position)
    assert [r["kind"] for r in new] == ["node_stopped", "node_started"]
    assert new[0]["seq"] == position + 1
