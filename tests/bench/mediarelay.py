"""The yardstick: WHIP and WHEP over aiortc's documented path, RTCPeerConnection and MediaRelay.

It decodes the publisher once and encodes anew for every viewer. Run as a process of its own:
`python -m tests.bench.mediarelay` prints {"event": "ready", "http_port", "pid"} and serves until
it is terminated. No tickets: it is measured, not used.
"""

import asyncio
import json
import os
import secrets
import signal

from aiohttp import web as http
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole, MediaRelay

from media.client.session.peer import new_peer


class Yardstick:
    """One stage whose tracks are relayed to every viewer."""

    def __init__(self) -> None:
        self.relay = MediaRelay()
        self.source: RTCPeerConnection | None = None
        self.peers: dict[str, RTCPeerConnection] = {}

    async def whip(self, request: http.Request) -> http.Response:
        peer = self.source = new_peer()
        response = await self._answer(peer, await request.text())
        sink = MediaBlackhole()
        for receiver in peer.getReceivers():
            sink.addTrack(self.relay.subscribe(receiver.track))
        await sink.start()
        return response

    async def whep(self, request: http.Request) -> http.Response:
        assert self.source is not None
        peer = new_peer()
        await peer.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        for receiver in self.source.getReceivers():
            peer.addTrack(self.relay.subscribe(receiver.track))
        return await self._answered(peer)

    async def _answer(self, peer: RTCPeerConnection, offer: str) -> http.Response:
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        return await self._answered(peer)

    async def _answered(self, peer: RTCPeerConnection) -> http.Response:
        await peer.setLocalDescription(await peer.createAnswer())
        name = secrets.token_hex(8)
        self.peers[name] = peer
        return http.Response(
            status=201,
            text=peer.localDescription.sdp,
            content_type="application/sdp",
            headers={"Location": f"/sessions/{name}"},
        )

    async def delete(self, request: http.Request) -> http.Response:
        await self.peers.pop(request.match_info["session"]).close()
        return http.Response()


async def serve() -> None:
    """Serve on a free port until SIGTERM."""
    yardstick = Yardstick()
    app = http.Application()
    app.router.add_post("/whip/{stage}", yardstick.whip)
    app.router.add_post("/whep/{stage}", yardstick.whep)
    app.router.add_delete("/sessions/{session}", yardstick.delete)
    runner = http.AppRunner(app)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", 0).start()
    ready = {"event": "ready", "http_port": runner.addresses[0][1], "pid": os.getpid()}
    print(json.dumps(ready), flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve())
