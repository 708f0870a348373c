"""The terminal's lines of the route table."""

from web.kit.requests.access import Route, device, public
from web.terminal import api, live, page, worker

ROUTES: list[Route] = [
    public("GET", "/terminal", page.page),
    public("GET", "/terminal/qr.svg", page.qr_code),
    public("GET", "/terminal/worker.js", worker.script),
    device("POST", "/api/v1/terminal/pairings", api.begin_pairing),
    device("GET", "/api/v1/terminal/pairings/{id}", api.pairing_status),
    device("GET", "/api/v1/terminal/day", api.day),
    device("GET", "/api/v1/terminal/live", live.live),
]
