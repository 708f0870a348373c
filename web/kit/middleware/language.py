"""Finds the reader's language: the switch (cookie), the account, the browser, Chinese."""

from aiohttp import web as http

from web.kit.middleware import Handler
from web.kit.services import ACTOR, services_of
from web.kit.words.i18n import LANGUAGE_COOKIE, choose, in_language


@http.middleware
async def language(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Run the handler with its language set. Runs after the session is known."""
    actor = request.get(ACTOR)
    chosen = choose(
        services_of(request).settings.languages,
        request.cookies.get(LANGUAGE_COOKIE),
        actor.language if actor else None,
        request.headers.get("Accept-Language"),
    )
    with in_language(chosen):
        response = await handler(request)
    if not response.prepared:
        response.headers.setdefault("Content-Language", chosen.replace("_", "-"))
    return response
