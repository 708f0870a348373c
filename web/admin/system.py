"""系统: the relay nodes as they answer now, the version, what the terminals' line carries."""

from aiohttp import web as http

from web.services import services
from web.templating import render
from web.terminal.live import LINES


async def page(request: http.Request) -> http.Response:
    """GET /admin/system."""
    desk = services(request)
    context = {
        "nodes": await desk.relay.status(),
        "addresses": {relay.node: relay.url for relay in desk.tickets.relays()},
        "database": "SQLite" if desk.db.is_sqlite else "PostgreSQL",
        "lines": len(request.app[LINES]),
        "listeners": desk.live.listeners(),
        "time_zone": desk.settings.time_zone,
        "public_url": desk.settings.public_url,
    }
    return render(request, "admin/system.html", context)
