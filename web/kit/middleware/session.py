"""Resumes the session of the cookie: request[ACTOR] and the CSRF token."""

import secrets

from aiohttp import web as http

from scheduler.access.sessions import resume
from web.kit.middleware import Handler
from web.kit.services import ACTOR, CSRF, Services, services_of

SESSION_COOKIE = "tongke_session"
FORM_COOKIE = "tongke_form"
"""Holds the CSRF token of a browser that has not signed in yet."""

MAX_COOKIE = 128
COOKIE_AGE = 30 * 86400
"""Seconds. The row in the database ends a session earlier; this only bounds the browser."""


@http.middleware
async def session(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Read who is signed in. Static files and terminals carry no session."""
    if request.path.startswith("/static/"):
        return await handler(request)
    token = _cookie(request, SESSION_COOKIE)
    resumed = None
    if token:
        resumed = await resume(services_of(request).db, services_of(request).clock(), token)
    if resumed is not None:
        request[ACTOR] = resumed.actor
        request[CSRF] = resumed.csrf_token
        return await handler(request)
    request[CSRF] = _cookie(request, FORM_COOKIE) or secrets.token_urlsafe(24)
    return await handler(request)


def _cookie(request: http.Request, name: str) -> str:
    """Return one of our cookies; one that we cannot have set counts as absent."""
    value = request.cookies.get(name, "")
    return value if value.isascii() and len(value) <= MAX_COOKIE else ""


def keep(response: http.StreamResponse, services: Services, name: str, value: str) -> None:
    """Set one of our cookies: not for scripts, not sent along from other sites."""
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=services.settings.secure_cookies,
        path="/",
    )
