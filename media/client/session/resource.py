"""The HTTP side of WHIP (RFC 9725) and WHEP: post an offer, take the answer, delete the session."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp
from aiohttp import hdrs

SDP = "application/sdp"
TIMEOUT = aiohttp.ClientTimeout(total=5, connect=3)
MAX_ANSWER = 65536


class NodeUnreachableError(Exception):
    """the node does not answer"""


class NodeRefusedError(Exception):
    """the node answered, and not with a session; `status` is HTTP's, `retry_after` in seconds"""

    def __init__(self, status: int, reason: str, retry_after: float | None) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Resource:
    """A session on a node: where it lives, the tag of its ICE session and the SDP answer."""

    url: str
    etag: str
    answer: str


async def post_offer(
    http: aiohttp.ClientSession, endpoint: str, ticket: str, offer: str
) -> Resource:
    """POST `offer` to a WHIP or WHEP endpoint. Raise NodeUnreachableError or NodeRefusedError."""
    headers = {hdrs.CONTENT_TYPE: SDP, hdrs.AUTHORIZATION: f"Bearer {ticket}"}
    try:
        async with http.post(
            endpoint, data=offer.encode(), headers=headers, timeout=TIMEOUT
        ) as response:
            body = await response.content.read(MAX_ANSWER)
            if response.status != 201:
                raise _refusal(response, body)
            location = response.headers.get(hdrs.LOCATION, "")
            if not location:
                raise NodeRefusedError(201, "no Location in the answer", None)
            return Resource(
                urljoin(str(response.url), location),
                response.headers.get(hdrs.ETAG, ""),
                body.decode("utf-8", "replace"),
            )
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NodeUnreachableError(str(error) or type(error).__name__) from None


def _refusal(response: aiohttp.ClientResponse, body: bytes) -> NodeRefusedError:
    return NodeRefusedError(
        response.status, problem_title(body), retry_after(response.headers, default=None)
    )


def problem_title(body: bytes) -> str:
    """Return what a problem+json body (RFC 9457) says, or the start of any other text."""
    try:
        problem = json.loads(body)
        return str(problem.get("detail") or problem.get("title") or "")
    except (ValueError, AttributeError):
        return body[:200].decode("utf-8", "replace")


def retry_after(headers: Mapping[str, str], default: float | None) -> float | None:
    """Return Retry-After in seconds; a date or rubbish gives `default`."""
    value = headers.get(hdrs.RETRY_AFTER, "")
    return float(value) if value.isascii() and value.isdigit() else default


async def delete_session(http: aiohttp.ClientSession, resource: Resource, ticket: str) -> None:
    """End the session. A node that is gone has ended it already."""
    headers = {hdrs.AUTHORIZATION: f"Bearer {ticket}"}
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with http.delete(resource.url, headers=headers, timeout=TIMEOUT):
            pass
