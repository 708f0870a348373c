"""Raw HTTP at a node's WHIP and WHEP doors: what a client of no particular kind would send."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDictProxy

from media.packets.sdp import SessionDescription, parse_sdp
from media.transport.dtls import SharedCertificate
from tests.support.offer import Credentials, write_offer
from tests.support.relay import RelayProcess

CERTIFICATE = SharedCertificate.generateCertificate()
SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
RECVONLY, SENDONLY = "recvonly", "sendonly"
EVERY_SLOT = "l1?slots=main,screen,guest"
FIVE_SECTIONS = ("audio", "video", "video", "audio", "video")


def offer(direction: str, kinds: tuple[str, ...] = ("audio", "video")) -> str:
    return write_offer(kinds, direction, Credentials(), CERTIFICATE.fingerprint)


def fragment(ufrag: str = "abcd", pwd: str = "p" * 22, *lines: str) -> str:
    """The body of a PATCH: credentials, and candidates where `lines` has some."""
    words = [f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{pwd}", *lines]
    return "".join(f"{line}\r\n" for line in words)


@dataclass(frozen=True)
class Reply:
    """A whole HTTP response."""

    status: int
    headers: CIMultiDictProxy[str]
    text: str

    @property
    def sdp(self) -> SessionDescription:
        return parse_sdp(self.text)


class EndpointClient:
    """Requests at one node. `session` paths are those of Location headers."""

    def __init__(self, http: aiohttp.ClientSession, relay: RelayProcess) -> None:
        self._http, self.relay = http, relay

    async def ask(
        self,
        method: str,
        path: str,
        ticket: str | None = None,
        body: str | bytes | None = None,
        **headers: str,
    ) -> Reply:
        """Send one request; keyword arguments are headers, with _ for -."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if ticket is not None:
            given["Authorization"] = f"Bearer {ticket}"
        url = self.relay.url + path
        async with self._http.request(method, url, data=body, headers=given) as response:
            text = await response.text(errors="replace")
            return Reply(response.status, response.headers, text)

    async def publish(self, sdp: str | bytes | None = None, ticket: str | None = None) -> Reply:
        """POST an offer to WHIP; a good one with a good ticket unless told otherwise."""
        body = offer(SENDONLY) if sdp is None else sdp
        shown = ticket or self.relay.mint.publish("l1")
        return await self.ask("POST", "/whip/l1", shown, body, Content_Type=SDP)

    async def watch(self, sdp: str | bytes | None = None, ticket: str | None = None) -> Reply:
        """POST a plain offer to WHEP."""
        body = offer(RECVONLY) if sdp is None else sdp
        shown = ticket or self.relay.mint.view("l1")
        return await self.ask("POST", "/whep/l1", shown, body, Content_Type=SDP)

    async def wait(self, ticket: str | None = None) -> Reply:
        """POST the offer of a viewer of every slot, who may wait on an empty stage."""
        body = offer(RECVONLY, FIVE_SECTIONS)
        shown = ticket or self.relay.mint.view("l1")
        return await self.ask("POST", f"/whep/{EVERY_SLOT}", shown, body, Content_Type=SDP)

    async def patch(
        self, session: str, ticket: str, body: str, headers: Mapping[str, str] | None = None
    ) -> Reply:
        given = {"Content_Type": FRAGMENT, **(headers or {})}
        return await self.ask("PATCH", session, ticket, body, **given)

    async def peers(self, stage: str = "l1") -> list[str]:
        """Return the subjects that the node knows on a stage."""
        stages = (await self.relay.control(self._http, "GET", "/stages"))["stages"]
        return [entry["subject"] for entry in stages.get(stage, [])]
