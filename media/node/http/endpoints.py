"""WHIP (RFC 9725) and WHEP over HTTP; the numbers in comments are those of the checklist
in docs/whip-whep.md."""

import asyncio

from aiohttp import web as http
from multidict import CIMultiDict

from media import clock
from media.contract.tickets import STAGE_NAME, Grant, TicketClaims, TicketError
from media.httpd.proxies import client_of, source_of
from media.httpd.ratelimit import RequestLimits
from media.node.http.problems import Handler, HttpProblem, problems
from media.node.node import Admitted, RelayNode
from media.node.session.answers import AnswerTransport, candidate_lines
from media.node.session.peer import Peer
from media.node.stage.live_stage import LiveStage
from media.packets.sdp import SdpError, SeveralTransports, parse_fragment

NODE = http.AppKey("node", RelayNode)

SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
MAX_BODY = 96 * 1024
BODY_WITHIN = 10.0
"""Seconds for an offer: it has a few kilobytes, and the ticket is checked again after it."""

METHODS = "OPTIONS, GET, POST, PATCH, DELETE"
EXPOSED = (
    "Location, ETag, Link, Accept-Post, Accept-Patch, Access-Control-Allow-Methods, "
    "WWW-Authenticate, Retry-After"
)

ENDPOINTS = {"whip": Grant.PUBLISH, "whep": Grant.VIEW}

ASKED = "Authorization, Content-Type, If-Match, ETag"
"""Headers that a page may send. One client writes ETag where If-Match belongs: answered 428, it
goes on without trickling, while a preflight that fails ends it."""

STAGE = f"{{stage:{STAGE_NAME}}}"
"""The part of a route that names a stage; another name is no address of ours."""

LIMITS = http.AppKey("limits", RequestLimits)


@http.middleware
async def cors(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Let the coordinator's pages call us, and read what they need of the answer (W13)."""
    response = await handler(request)
    origin = request.headers.get("Origin", "")
    allowed = request.app[NODE].settings.origins
    if not response.prepared and origin and (origin in allowed or "*" in allowed):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = ASKED
        response.headers["Access-Control-Max-Age"] = "600"
    return response


def _bearer(request: http.Request) -> str:
    """Return the ticket (W12); some players send it without the word Bearer."""
    given = request.headers.get("Authorization", "")
    token = given[7:] if given[:7].lower() == "bearer " else given
    if not token.strip():
        _count_stranger(request)
        raise HttpProblem(401, "no-ticket", "show a ticket", {"WWW-Authenticate": "Bearer"})
    return token.strip()


def _count_stranger(request: http.Request) -> None:
    proxies = request.app[NODE].settings.trusted_proxies
    forwarded = request.headers.getall("X-Forwarded-For", [])
    source = source_of(client_of(request.remote or "", forwarded, proxies))
    if not request.app[LIMITS].strangers.allow(source, clock.mono()):
        raise HttpProblem(429, "too-many", "too many tries; wait a little", {"Retry-After": "5"})


def admit(request: http.Request, *grants: Grant) -> TicketClaims:
    """Return the claims of the request's ticket, which opens its stage for one of `grants`."""
    token = _bearer(request)
    stage = request.match_info["stage"]
    try:
        claims = request.app[NODE].admission.admit(token, stage, grants, clock.wall())
    except TicketError:
        _count_stranger(request)
        raise
    _count_ticket(request, claims)
    return claims


def _count_ticket(request: http.Request, claims: TicketClaims) -> None:
    if not request.app[LIMITS].tickets.allow(claims.jti, clock.mono()):
        raise HttpProblem(429, "too-many", "too many requests; wait a little", {"Retry-After": "1"})


async def _body(request: http.Request, wanted: str) -> str:
    if request.content_type != wanted:
        accepted = {"Accept-Post": SDP} if wanted == SDP else {"Accept-Patch": FRAGMENT}
        raise HttpProblem(415, "media-type", f"send {wanted}", accepted)
    try:
        async with asyncio.timeout(BODY_WITHIN):
            return (await request.read()).decode()
    except TimeoutError:
        raise HttpProblem(408, "slow-body", "the body took too long") from None
    except UnicodeDecodeError:
        raise HttpProblem(400, "malformed-body", "the body is not UTF-8") from None


async def whip(request: http.Request) -> http.Response:
    """Publish into the slot that the ticket names."""
    claims = admit(request, Grant.PUBLISH)
    node = request.app[NODE]
    return _created(node, node.publish(claims, await _body(request, SDP)))


async def whep(request: http.Request) -> http.Response:
    """View slot main, or every slot with `?slots=main,screen,guest` (our extension)."""
    claims = admit(request, Grant.VIEW)
    slots = request.query.get("slots")
    if slots not in (None, "main", "main,screen,guest"):
        raise HttpProblem(422, "slots", "slots is main,screen,guest or absent")
    multi_slot = slots == "main,screen,guest"
    node = request.app[NODE]
    return _created(node, node.view(claims, await _body(request, SDP), multi_slot))


def _created(node: RelayNode, admitted: Admitted) -> http.Response:
    """W2, W4: 201 with the answer, where the session lives and its ETag."""
    headers = _links(node)
    headers["Location"] = f"/sessions/{admitted.peer.id}"
    headers["ETag"] = admitted.peer.etag
    headers["Accept-Patch"] = FRAGMENT
    body = admitted.answer.encode()  # as text it would get a charset, which SDP has not
    return http.Response(status=201, body=body, content_type=SDP, headers=headers)


def _links(node: RelayNode) -> CIMultiDict[str]:
    """W5: a header for each STUN or TURN server."""
    return CIMultiDict(("Link", server.link) for server in node.settings.ice_servers)


def _session(request: http.Request) -> tuple[LiveStage, Peer]:
    """Return the session of the URL for the holder of its ticket; its id is a secret as well."""
    token = _bearer(request)
    try:
        claims = request.app[NODE].keyring.verify(token)
    except TicketError:
        _count_stranger(request)
        raise
    _count_ticket(request, claims)
    found = request.app[NODE].sessions.get(request.match_info["session"])
    if found is None:
        raise HttpProblem(404, "no-session", "there is no such session")
    if (found[1].claims.subject, found[0].name) != (claims.subject, claims.stage):
        raise HttpProblem(403, "wrong-ticket", "this session belongs to another ticket")
    return found


async def patch_session(request: http.Request) -> http.Response:
    """Trickle (S2) or ICE restart (S4)."""
    _stage, peer = _session(request)
    text = await _body(request, FRAGMENT)
    try:
        fragment = parse_fragment(text)
    except SeveralTransports as error:
        raise HttpProblem(422, "unsupported-fragment", str(error)) from None
    except SdpError as error:
        raise HttpProblem(400, "malformed-fragment", str(error)) from None
    node, condition = request.app[NODE], request.headers.get("If-Match")
    if condition is None:
        raise HttpProblem(428, "no-if-match", "send If-Match with the session's ETag")
    if not _matches(condition, peer.etag):
        raise HttpProblem(412, "stale-etag", "the session has another ETag by now")
    if fragment.ufrag is not None and fragment.ufrag != peer.link.ice.remote_ufrag:
        return _restarted(peer, node.restart_ice(peer, fragment.ufrag))
    if condition != peer.etag and peer.restarts:  # asked again, the answer was lost on the way
        return _restarted(peer, node.transport_of(peer))
    return http.Response(status=204)  # an ICE-lite node needs no candidates of its peers


def _matches(condition: str, etag: str) -> bool:
    """RFC 9110 section 13.1.1: `*`, or a list that holds the tag; some write `*` in quotes."""
    tags = {tag.strip() for tag in condition.split(",")}
    return not tags.isdisjoint(("*", '"*"', etag))


def _restarted(peer: Peer, transport: AnswerTransport) -> http.Response:
    """S4: the new credentials, in the section that holds the bundle's (RFC 8840 section 9)."""
    lines = [
        "a=ice-lite",
        f"m={peer.bundle_head.kind} 9 UDP/TLS/RTP/SAVPF 0",
        f"a=mid:{peer.bundle_head.mid}",
        f"a=ice-ufrag:{transport.ufrag}",
        f"a=ice-pwd:{transport.pwd}",
        *candidate_lines(transport.candidates),
    ]
    body = "".join(f"{line}\r\n" for line in lines).encode()
    return http.Response(body=body, content_type=FRAGMENT, headers={"ETag": peer.etag})


async def delete_session(request: http.Request) -> http.Response:
    """End a session, whatever If-Match says (S5)."""
    stage, peer = _session(request)
    stage.peer_closed(peer, "deleted")
    return http.Response()


async def options_endpoint(request: http.Request) -> http.Response:
    """W13, for preflights; who shows a ticket looks for ICE servers before the POST (W5)."""
    headers = CIMultiDict({"Accept-Post": SDP, "Allow": METHODS})
    if "Authorization" in request.headers:
        admit(request, ENDPOINTS[request.path.split("/")[1]])
        headers.extend(_links(request.app[NODE]))
    return http.Response(headers=headers)


async def options_session(_request: http.Request) -> http.Response:
    return http.Response(headers={"Accept-Patch": FRAGMENT, "Allow": METHODS})


async def no_content(_request: http.Request) -> http.Response:
    """W14: GET on an endpoint or session is reserved."""
    return http.Response(status=204)


async def healthz(request: http.Request) -> http.Response:
    """Who I am; no ticket needed."""
    node = request.app[NODE]
    return http.json_response({"status": "ok", "node": node.settings.node, "boot": node.boot})


def make_app(node: RelayNode) -> http.Application:
    """Return the application without control and stage socket (see __main__)."""
    app = http.Application(middlewares=[cors, problems], client_max_size=MAX_BODY)
    app[NODE], app[LIMITS] = node, RequestLimits()
    for endpoint, post in ((f"/whip/{STAGE}", whip), (f"/whep/{STAGE}", whep)):
        app.router.add_post(endpoint, post)
        app.router.add_get(endpoint, no_content)
        app.router.add_options(endpoint, options_endpoint)
    app.router.add_patch("/sessions/{session}", patch_session)
    app.router.add_delete("/sessions/{session}", delete_session)
    app.router.add_get("/sessions/{session}", no_content)
    app.router.add_options("/sessions/{session}", options_session)
    app.router.add_get("/healthz", healthz)
    return app
