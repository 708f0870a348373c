"""The middleware around every handler: session, language, errors, CSRF, gate."""

from collections.abc import Awaitable, Callable

from aiohttp import web as http

Handler = Callable[[http.Request], Awaitable[http.StreamResponse]]
