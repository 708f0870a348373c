"""Light viewers in a process of their own, which a measurement can stop and let go on.

Reads one JSON line: {"kind": "ours" or "janus", "places": [...], "profile": "gcm" or "cm"}, prints
"ready", and then for each line that comes the packets that each viewer has received.
"""

import asyncio
import json
import sys

import aiohttp
from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80

from media.client.lightpeer import LightViewer
from media.client.place import Place
from media.transport.dtls import SharedCertificate
from tests.bench.janus import JanusViewer

PROFILES = {"gcm": [SRTP_AEAD_AES_128_GCM], "cm": [SRTP_AES128_CM_SHA1_80]}


async def main() -> None:
    """Join, and answer until stdin ends."""
    order = json.loads(sys.stdin.readline())
    certificate = SharedCertificate.generateCertificate()
    profiles = PROFILES[order["profile"]]
    async with aiohttp.ClientSession() as http:
        viewers: list[LightViewer] = []
        for place in order["places"]:
            if order["kind"] == "janus":
                viewers.append(JanusViewer(http, place, certificate, profiles=profiles))
            else:
                viewers.append(LightViewer(http, Place(*place), certificate, profiles=profiles))
            await viewers[-1].start()
        print("ready", flush=True)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps([sum(viewer.packets.values()) for viewer in viewers]), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
