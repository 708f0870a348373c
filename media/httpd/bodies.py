"""Bodies of requests as they may come from anybody: packed, torn, or no HTTP at all."""

import logging

from aiohttp import web as http
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDictProxy

from media.httpd.masking import mask_addresses

PLAIN = "identity"


def is_packed(headers: "CIMultiDictProxy[str]") -> bool:
    """Tell whether a body comes under a content encoding, in whichever of several headers."""
    return any(
        one.strip().lower() != PLAIN
        for value in headers.getall("Content-Encoding", ())
        for one in value.split(",")
    )


def refuse_encoding() -> http.Response:
    """Return 415 (RFC 7694): no client of ours packs a request, and unpacking takes the loop."""
    return http.json_response(
        {"type": "about:blank", "title": "Unsupported Media Type", "status": 415},
        status=415,
        headers={"Accept-Encoding": PLAIN},
        content_type="application/problem+json",
    )


async def hide_server(_request: http.Request, response: http.StreamResponse) -> None:
    """Say nothing of who serves and in which version (a handler of on_response_prepare)."""
    response.headers.popall("Server", None)


class ClientFaults(logging.Filter):
    """Keeps the clients' faults out of aiohttp's log, and whole addresses.

    What cannot be read as a request is answered with 400, and is no error of ours.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        if isinstance(fault, HttpProcessingError | http.RequestPayloadError):
            return False
        record.msg, record.args = mask_addresses(record.getMessage()), ()
        return True
