"""Opens an aiortc peer connection to a node: no STUN (the default one is abroad), one transport."""

import asyncio
from collections.abc import Callable

from aiortc import (
    InvalidAccessError,
    InvalidStateError,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import OperationError

AnswerFilter = Callable[[str], str]
"""Looks at a node's answer before it is used; tests lead the media over a bad line with it."""


CONNECT_TIMEOUT = 8.0
"""Seconds from the answer to the first encrypted packet; ICE and DTLS need three round trips."""


UNUSABLE = (
    *(ValueError, KeyError, IndexError, AttributeError, TypeError, AssertionError),
    *(InvalidAccessError, InvalidStateError, OperationError),
)
"""What aiortc 1.16 raises for an answer that is none of ours."""


class PeerLostError(Exception):
    """the connection to the node ended, or never came about"""


def new_peer() -> RTCPeerConnection:
    """Return a peer connection that gathers host candidates only and bundles everything."""
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )


def prefer_h264(peer: RTCPeerConnection) -> None:
    """Offer H.264 alone for every video section: what the clip is, and what rooms decode."""
    codecs = [
        codec
        for codec in RTCRtpSender.getCapabilities("video").codecs
        if codec.mimeType.lower() in ("video/h264", "video/rtx")
    ]
    for transceiver in peer.getTransceivers():
        if transceiver.kind == "video":
            transceiver.setCodecPreferences(codecs)


async def local_offer(peer: RTCPeerConnection) -> str:
    """Return the complete offer (all candidates gathered)."""
    await peer.setLocalDescription(await peer.createOffer())
    return str(peer.localDescription.sdp)


async def accept_answer(peer: RTCPeerConnection, answer: str) -> None:
    """Use the node's answer; raise PeerLostError when it is no answer to our offer."""
    try:
        await peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
    except UNUSABLE as error:
        raise PeerLostError(f"the answer cannot be used: {error}") from None


def note_state(peer: RTCPeerConnection, connected: asyncio.Event, lost: asyncio.Event) -> None:
    """Turn a peer connection's state into the two events."""
    if peer.connectionState == "connected":
        connected.set()
    elif peer.connectionState in ("failed", "closed"):
        lost.set()


async def wait_connected(connected: asyncio.Event, lost: asyncio.Event) -> None:
    """Return once connected; raise PeerLostError when the peer fails or takes too long."""
    waits = [asyncio.create_task(event.wait()) for event in (connected, lost)]
    await asyncio.wait(waits, timeout=CONNECT_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    if lost.is_set() or not connected.is_set():
        raise PeerLostError("no connection to the node's media port")
