"""Lets a request through when the route table allows it. A route that is not in it is closed."""

from urllib.parse import quote

from aiohttp import web as http

from web.kit.middleware import Handler
from web.kit.problems import forbidden, unauthorised
from web.kit.requests.access import Access, Route
from web.kit.services import ACTOR

TABLE: http.AppKey[dict[http.AbstractRoute, Route]] = http.AppKey("table", dict)


def route_of(request: http.Request) -> Route | None:
    """Return the line of the table that serves this request; None for 404 and 405."""
    return request.app[TABLE].get(request.match_info.route)


@http.middleware
async def gate(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Refuse by 401 or 403; send people without a session to the sign-in page."""
    route = route_of(request)
    if route is None or route.access in (Access.PUBLIC, Access.DEVICE):
        return await handler(request)  # without a route the handler is aiohttp's own 404
    actor = request.get(ACTOR)
    if actor is None:
        if request.path.startswith("/api/") or request.method not in ("GET", "HEAD"):
            raise unauthorised()
        raise http.HTTPSeeOther(f"/sign-in?next={quote(request.path_qs)}")
    if route.action is not None and not actor.may(route.action):
        raise forbidden()
    return await handler(request)
