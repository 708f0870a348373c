"""Builds the web application. `server/app.py` calls this; tests call it with their own services."""

from aiohttp import web as http

from web import routes, templating
from web.middleware.csrf import csrf
from web.middleware.errors import errors
from web.middleware.gate import gate
from web.middleware.headers import add_headers
from web.middleware.language import language
from web.middleware.plain import plain
from web.middleware.session import session
from web.services import SERVICES, Services
from web.terminal.live import LINES, Lines, close_all

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request: a county file is the largest thing that anybody sends."""


def make_app(services: Services) -> http.Application:
    """Return the application with every route of the table."""
    # `errors` twice: inside it speaks the reader's language, outside it answers for the session.
    rings = [errors, session, language, errors, plain, csrf, gate]
    app = http.Application(middlewares=rings, client_max_size=MAX_BODY)
    app[SERVICES] = services
    app[LINES] = Lines()
    app.on_shutdown.append(close_all)
    routes.install(app)
    templating.set_up(app)
    app.on_response_prepare.append(add_headers)
    return app
