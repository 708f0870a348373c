"""Who holds a slot: a newer publisher replaces an older one, but a terminal never a person.

Sources of one subject in several slots live side by side.
"""

from collections.abc import Sequence

import aiohttp
import pytest

from media.client.session.resource import NodeRefusedError
from media.contract.tickets import Slot
from media.transport.dtls import SharedCertificate
from tests.support.lightpeer import LightPublisher
from tests.support.relay import RelayProcess
from tests.support.waiting import until

pytestmark = pytest.mark.e2e


async def joined(
    http: aiohttp.ClientSession, relay: RelayProcess, subjects: Sequence[str]
) -> list[LightPublisher]:
    """Let these publish into the same slot, one after the other."""
    certificate = SharedCertificate.generateCertificate()
    publishers = []
    for subject in subjects:
        place = relay.publish_place("lesson", subject)
        publishers.append(LightPublisher(http, place, certificate))
        await publishers[-1].start()
    return publishers


async def test_a_terminal_waits_while_a_person_publishes(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    (person,) = await joined(client_http, relay, ["person:p1"])
    with pytest.raises(NodeRefusedError) as refused:
        await joined(client_http, relay, ["room:r1"])
    assert (refused.value.status, refused.value.retry_after) == (409, 5)
    await person.close()
    (terminal,) = await joined(client_http, relay, ["room:r1"])
    assert not terminal.lost.is_set()
    await terminal.close()


async def test_a_person_and_a_newer_terminal_replace_who_is_there(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publishers = await joined(client_http, relay, ["room:r1", "room:r2", "person:p1", "person:p2"])
    for replaced in publishers[:-1]:
        await until(replaced.lost.is_set, 5, "the end of who was replaced")
    assert not publishers[-1].lost.is_set()
    records = await relay.records(client_http)
    taken = [record["subject"] for record in records if record["kind"] == "taken_over"]
    assert taken == ["room:r1", "room:r2", "person:p1"]
    for publisher in publishers:
        await publisher.close()


async def test_sources_of_one_subject_in_two_slots_live_side_by_side(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    certificate = SharedCertificate.generateCertificate()
    publishers = []
    for slot in (Slot.MAIN, Slot.GUEST, Slot.GUEST):
        place = relay.publish_place("lesson", "person:p1", slot=slot)
        publishers.append(LightPublisher(client_http, place, certificate))
        await publishers[-1].start()
    main, replaced, guest = publishers
    await until(replaced.lost.is_set, 5, "the end of who was replaced")
    assert not main.lost.is_set()
    assert not guest.lost.is_set()
    records = await relay.records(client_http)
    assert [record["kind"] for record in records].count("taken_over") == 1
    stages = (await relay.control(client_http, "GET", "/stages"))["stages"]
    here = {(entry["slot"], entry["subject"], entry["state"]) for entry in stages["lesson"]}
    assert here == {("main", "person:p1", "CONNECTED"), ("guest", "person:p1", "CONNECTED")}
    for publisher in publishers:
        await publisher.close()
