"""Every route of the product in one table, with who may take it. A test walks all of it."""

from aiohttp import web as http

from web import sign_in
from web.admin.routes import ROUTES as ADMIN
from web.api.routes import ROUTES as API
from web.kit.middleware.gate import TABLE
from web.kit.pages import static_files
from web.kit.requests.access import Access, Route, device, needs, public, signed_in
from web.kit.requests.ids import with_ids
from web.teacher.routes import ROUTES as TEACHER
from web.terminal.routes import ROUTES as TERMINAL

__all__ = ["ROUTES", "Access", "Route", "device", "install", "needs", "public", "signed_in"]

ROUTES: list[Route] = [
    public("GET", "/static/{version}/{path:.+}", static_files.serve),
    public("GET", "/sign-in", sign_in.form),
    public("POST", "/sign-in", sign_in.submit),
    public("POST", "/language", sign_in.switch_language),
    signed_in("POST", "/sign-out", sign_in.leave),
    *TEACHER,
    *API,
    *ADMIN,
    *TERMINAL,
]


def install(app: http.Application) -> None:
    """Add every route to `app` and remember which line each came from; ids match ids alone."""
    table: dict[http.AbstractRoute, Route] = {}
    for route in ROUTES:
        path = with_ids(route.path)
        if route.method == "GET":
            added = app.router.add_get(path, route.handler)  # answers HEAD as well
        else:
            added = app.router.add_route(route.method, path, route.handler)
        table[added] = route
        for twin in added.resource or ():
            if twin.method == "HEAD":
                table.setdefault(twin, route)
    app[TABLE] = table
