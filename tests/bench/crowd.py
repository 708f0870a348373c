"""Light viewers in a process of their own, which a measurement can stop and let go on.

Reads one JSON line: {"kind": "plain", "feedback", "counting" or "janus", "places": [...],
"profile": "gcm" or "cm"}, prints "ready", and then for each line that comes the packets that each
viewer has received.
"""

import asyncio
import json
import sys
from typing import Any

import aiohttp
import uvloop
from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80

from media.client.session.address import StageAddress
from media.transport.dtls import SharedCertificate
from tests.bench.counting import CountingViewer
from tests.bench.feedback import FeedbackViewer
from tests.bench.janus import JanusViewer
from tests.support.lightpeer import LightViewer

PROFILES = {"gcm": [SRTP_AEAD_AES_128_GCM], "cm": [SRTP_AES128_CM_SHA1_80]}
KINDS = {"plain": LightViewer, "feedback": FeedbackViewer, "counting": CountingViewer}
AT_ONCE = 8
"""Viewers that join at the same time: Janus takes a second for each."""


def viewers_of(http: aiohttp.ClientSession, order: dict[str, Any]) -> list[LightViewer]:
    """Return the viewers that are ordered, none of them in yet."""
    certificate = SharedCertificate.generateCertificate()
    profiles, places = PROFILES[order["profile"]], order["places"]
    if order["kind"] == "janus":
        return [JanusViewer(http, url, certificate, profiles=profiles) for url in places]
    viewer = KINDS[order["kind"]]
    return [viewer(http, StageAddress(*place), certificate, profiles=profiles) for place in places]


async def main() -> None:
    """Join, and answer until stdin ends."""
    order = json.loads(sys.stdin.readline())
    async with aiohttp.ClientSession() as http:
        viewers = viewers_of(http, order)
        for first in range(0, len(viewers), AT_ONCE):
            await asyncio.gather(*(one.start() for one in viewers[first : first + AT_ONCE]))
        print("ready", flush=True)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps([sum(viewer.packets.values()) for viewer in viewers]), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
