"""What the media of WHIP and WHEP may be: the last lines of docs/whip-whep.md."""

import asyncio

import aiohttp
import pytest

from tests.support.endpoint_client import CERTIFICATE
from tests.support.lightpeer import LightPublisher, LightViewer
from tests.support.offer import VIDEO
from tests.support.relay import RelayProcess
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

LONGEST = 1440
PATH = 1500
"""Octets of an IP packet that every path takes."""


class Measured(LightViewer):
    """Notes how long the datagrams with media are, IP and UDP headers included."""

    def __init__(self, http: aiohttp.ClientSession, relay: RelayProcess) -> None:
        super().__init__(http, relay.view_place("l1"), CERTIFICATE)
        self.longest = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data and 128 <= data[0] <= 191 and data[1] & 0x7F not in range(64, 96):  # RFC 7983
            self.longest = max(self.longest, 28 + len(data))
        super().datagram_received(data, addr)


def picture(sequence: int, octets: int) -> bytes:
    """A whole picture in one packet, with a payload of so many octets."""
    head = bytes([0x80, 0x80 | VIDEO]) + sequence.to_bytes(2, "big")
    stamp = (3000 * sequence).to_bytes(4, "big")
    return head + stamp + (77).to_bytes(4, "big") + b"\x65" + bytes(octets - 1)


async def test_what_would_not_fit_a_path_is_dropped_and_the_longest_that_does_arrives(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = LightPublisher(client_http, relay.publish_place("l1"), CERTIFICATE)
    await publisher.start()
    viewer = Measured(client_http, relay)
    await viewer.start()
    for sequence in range(1, 31):
        publisher.send_rtp(picture(sequence, LONGEST + 1))
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    assert sum(viewer.packets.values()) == 0
    for sequence in range(31, 61):
        publisher.send_rtp(picture(sequence, LONGEST))
        await asyncio.sleep(0.01)
    await until(lambda: sum(viewer.packets.values()) >= 30, 5, "thirty long packets")
    assert LONGEST < viewer.longest <= PATH
    await viewer.close()
    await publisher.close()
