"""Builds the web application. `server/app.py` calls this; tests call it with their own services."""

from aiohttp import web as http

from web import routes
from web.kit.middleware.csrf import csrf
from web.kit.middleware.errors import errors
from web.kit.middleware.gate import gate
from web.kit.middleware.headers import add_headers
from web.kit.middleware.language import language
from web.kit.middleware.plain import plain
from web.kit.middleware.session import session
from web.kit.pages import templating
from web.kit.services import SERVICES, Services
from web.terminal.live import TERMINAL_SOCKETS, TerminalSockets, close_all

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request: a county file is the largest thing that anybody sends."""


def make_app(services: Services) -> http.Application:
    """Return the application with every route of the table."""
    # `errors` twice: the inner one knows the language, the outer one answers for `session`.
    middlewares = [errors, session, language, errors, plain, csrf, gate]
    app = http.Application(middlewares=middlewares, client_max_size=MAX_BODY)
    app[SERVICES] = services
    app[TERMINAL_SOCKETS] = TerminalSockets()
    app.on_shutdown.append(close_all)
    routes.install(app)
    templating.set_up(app)
    app.on_response_prepare.append(add_headers)
    return app
