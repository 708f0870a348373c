"""Refuses requests that another site made a browser send.

Three checks, each sufficient alone: the cookie is SameSite=Lax, the Origin must be ours, and a form
or script sends back a token that other sites cannot read.
"""

import hmac
from urllib.parse import urlsplit

from aiohttp import web as http

from web.kit.middleware import Handler
from web.kit.middleware.gate import route_of
from web.kit.middleware.plain import FORMS
from web.kit.problems import HttpProblem
from web.kit.requests.access import Access
from web.kit.requests.address import scheme_of
from web.kit.services import CSRF, services_of
from web.kit.words.i18n import gettext as _

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "csrf_token"
HEADER = "X-CSRF-Token"


@http.middleware
async def csrf(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Check every request that may change something, except those of terminals (Bearer)."""
    route = route_of(request)
    if request.method in SAFE or route is None or route.access is Access.DEVICE:
        return await handler(request)
    if not _same_origin(request) or not await _has_token(request):
        raise HttpProblem(403, "csrf", _("页面已过期，没有保存。请返回上一页，刷新后再提交一次。"))
    return await handler(request)


def _same_origin(request: http.Request) -> bool:
    """Tell whether the Origin, where the browser sent one, is this site."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    asked, ours = urlsplit(origin), urlsplit(services_of(request).settings.public_url)
    own = {(ours.scheme, ours.netloc), (scheme_of(request), request.host)}
    return (asked.scheme, asked.netloc) in own


async def _has_token(request: http.Request) -> bool:
    token = request.headers.get(HEADER)
    if token is None and request.content_type in FORMS:
        field = (await request.post()).get(FIELD)
        token = field if isinstance(field, str) else None
    return token is not None and hmac.compare_digest(token.encode(), request[CSRF].encode())
