"""A peer of a node on a link with real keys, its far end, and a stage that notes its calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from media import clock
from media.contract.tickets import Grant, Slot
from media.node.session.peer import Peer
from media.node.session.viewer import Viewer
from media.packets import rtcp
from media.packets.rtp import RtpPacket
from media.stage.outcome import Outcome
from media.stage.slot import StageSlot
from media.stage.subscription import Subscription
from media.stage.subscriptions.subscriber import Subscriber
from media.stage.track import Track
from tests.support.link_ends import Ends
from tests.support.plain_audience import PlainAudience
from tests.support.tickets import TicketMint

MINT = TicketMint()
KEY, DELTA = b"\x65key", b"\x41delta"


class Stage:
    """Notes what a peer tells its stage."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.followed: list[tuple[Slot, Outcome]] = []

    def peer_secured(self, peer: Peer) -> None:
        self.calls.append("secured")

    def peer_closed(self, peer: Peer, reason: str) -> None:
        self.calls.append(("closed", reason))

    def peer_moved(self, peer: Peer) -> None:
        self.calls.append("moved")

    def follow(self, slot: Slot, track: Track, outcome: Outcome) -> None:
        self.followed.append((slot, outcome))


class Wired:
    """A peer whose link is up, and its far end."""

    def __init__(self, peer: Peer, stage: Stage) -> None:
        self.peer, self.stage = peer, stage
        self.ends = Ends(owner=peer)
        peer.link = self.ends.link

    async def connect(self) -> None:
        self.peer.on_checked()
        await self.ends.connect()
        await self.ends.until(lambda: self.peer.connected)

    def got(self) -> list[rtcp.RtcpItem]:
        """Return what the far end was told since the last call."""
        sent, self.ends.sent = self.ends.sent, []
        reports = [self.ends.client.unprotect_rtcp(one) for one, _address in sent]
        assert all(report[1] in (rtcp.SR, rtcp.RR) for report in reports), "a report goes first"
        return [item for report in reports for item in rtcp.parse_rtcp(report)]

    def rtp(self, *packets: RtpPacket | bytes) -> None:
        octets = [one if isinstance(one, bytes) else one.pack() for one in packets]
        self.peer.on_rtp([memoryview(one) for one in octets])

    def told(self, *items: bytes) -> None:
        self.peer.on_rtcp(b"".join(items))

    @property
    def refused(self) -> int:
        return self.ends.link.counters.refused


def make_slot() -> StageSlot:
    return StageSlot(Slot.MAIN, ("video",), "c1", lambda _kind: PlainAudience())


def packet(number: int, payload: bytes = KEY, ssrc: int = 7, payload_type: int = 102) -> RtpPacket:
    return RtpPacket(True, payload_type, number, 3000 * number, ssrc, payload)


@asynccontextmanager
async def wired_viewer() -> AsyncIterator[Wired]:
    """A viewer of one picture, of which a keyframe was sent to it."""
    stage, slot = Stage(), make_slot()
    claims = MINT.claims("l1", "room:v", Grant.VIEW)
    slot.track("video").set_source("H264")

    def subscribe(viewer: Viewer) -> list[Subscription]:
        end = Subscriber(viewer, 42, {"H264": 102}, 2000, cname="c1")
        subscription = Subscription(slot, {"video": end})
        slot.subscribe(subscription, 0.0)
        return [subscription]

    wired = Wired(Viewer(claims, stage, subscribe), stage)
    await wired.connect()
    slot.track("video").receive([packet(1)], clock.mono())
    yield wired
    await wired.ends.close()
