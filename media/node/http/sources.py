"""GET /stages/{stage}/sources: which slots somebody publishes into just now.

A terminal with several nodes asks it where its lesson is (docs/decisions/0010). It opens no stage,
ends nobody's WebSocket, and only a refusal stands in the journal.
"""

from aiohttp import web as http

from media import clock
from media.contract.messages import Sources
from media.contract.tickets import Grant, Slot
from media.node.http.endpoints import NODE, STAGE, admit
from media.node.stage.live_stage import LiveStage

FRESH = 3.0
"""Seconds since its last packet in which a publisher counts: it sends many a second, and one that
was cut off and went to another node must not hold its lesson here."""


async def sources(request: http.Request) -> http.Response:
    """Answer the holder of any ticket of this stage: {"sources": {slot: bool}}."""
    claims = admit(request, Grant.VIEW, Grant.PUBLISH)
    stage = request.app[NODE].stages.get(claims.stage)
    body = Sources(sources=live_sources(stage, clock.mono()))
    return http.Response(text=body.model_dump_json(), content_type="application/json")


async def preflight(_request: http.Request) -> http.Response:
    return http.Response(headers={"Allow": "OPTIONS, GET"})


def live_sources(stage: LiveStage | None, now: float) -> dict[str, bool]:
    """Return for each slot whether its publisher is heard; `now` is monotonic."""
    publishers = stage.publishers if stage else {}
    heard = {slot for slot, peer in publishers.items() if now - peer.times.heard_mono < FRESH}
    return {slot.value: slot in heard for slot in Slot}


def add_sources(app: http.Application) -> None:
    """Put the question into the application."""
    app.router.add_get(f"/stages/{STAGE}/sources", sources)
    app.router.add_options(f"/stages/{STAGE}/sources", preflight)
