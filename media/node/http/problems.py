"""Refusals as RFC 9457 problem documents, and the headers that let a page read them."""

from collections.abc import Awaitable, Callable

from aiohttp import web as http

from media.contract.tickets import (
    BAD_SIGNATURE,
    EXPIRED,
    MALFORMED,
    NOT_YET,
    REVOKED,
    UNKNOWN_KEY,
    WRONG_GRANT,
    WRONG_STAGE,
    TicketError,
)
from media.node.admission.refusals import NodeFull, NoSource, SlotHeld
from media.node.admission.revocations import StageClosed
from media.node.session.negotiation import OfferRefused

Handler = Callable[[http.Request], Awaitable[http.StreamResponse]]

UNAUTHENTIC = {MALFORMED, UNKNOWN_KEY, BAD_SIGNATURE, EXPIRED, NOT_YET}
SENTENCES = {
    MALFORMED: "the ticket cannot be read",
    UNKNOWN_KEY: "the ticket was signed with an unknown key",
    BAD_SIGNATURE: "the ticket's signature does not hold",
    NOT_YET: "the ticket is not valid yet",
    EXPIRED: "the ticket has expired",
    REVOKED: "the ticket was revoked",
    WRONG_STAGE: "the ticket is for another lesson",
    WRONG_GRANT: "the ticket does not allow this",
}


class HttpProblem(Exception):
    """a refusal: HTTP status, a word, a sentence, and headers of its own"""

    def __init__(
        self, status: int, word: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.word, self.detail = status, word, detail
        self.headers = headers or {}


def problem_response(problem: HttpProblem) -> http.Response:
    """Return the problem as `application/problem+json`."""
    return http.json_response(
        {"type": f"about:blank#{problem.word}", "title": problem.word, "detail": problem.detail}
        | {"status": problem.status},
        status=problem.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )


def to_problem(error: Exception) -> HttpProblem:
    """Return the answer to a client for an error of the node; unknown errors are raised again."""
    if isinstance(error, HttpProblem):
        return error
    if isinstance(error, TicketError):
        if error.reason in UNAUTHENTIC:
            said = f'Bearer error="invalid_token", error_description="{SENTENCES[error.reason]}"'
            challenge = {"WWW-Authenticate": said}
            return HttpProblem(401, error.reason, SENTENCES[error.reason], challenge)
        return HttpProblem(403, error.reason, SENTENCES[error.reason])
    if isinstance(error, StageClosed):
        return HttpProblem(410, "stage-closed", "this lesson is over")
    if isinstance(error, OfferRefused):
        word = "malformed-sdp" if error.status == 400 else "unsupported-offer"
        return HttpProblem(error.status, word, error.detail)
    if isinstance(error, NoSource):
        return HttpProblem(409, "no-source", "nobody publishes yet", {"Retry-After": "2"})
    if isinstance(error, SlotHeld):
        detail = "a person publishes into this slot by hand"
        return HttpProblem(409, "slot-held", detail, {"Retry-After": "5"})
    if isinstance(error, NodeFull):
        return HttpProblem(503, "node-full", "this node takes no more peers", {"Retry-After": "10"})
    raise error


EXPECTED = (HttpProblem, TicketError, StageClosed, OfferRefused, NoSource, SlotHeld, NodeFull)


@http.middleware
async def problems(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Turn every expected error into its response; the one place where that happens."""
    try:
        return await handler(request)
    except EXPECTED as error:
        return problem_response(to_problem(error))
    except http.HTTPException as error:
        if error.status < 400:
            raise
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return problem_response(HttpProblem(error.status, "http", error.reason or "", headers))
