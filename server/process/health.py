"""GET /healthz and GET /metrics of the coordinator, for machines; no session, no personal data."""

import logging

from aiohttp import web as http
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from server import __version__
from web.kit.services import Services

LOG = logging.getLogger(__name__)


def add_health(app: http.Application, services: Services) -> None:
    """Add both routes. They are outside the table of routes: they need no session."""

    async def healthz(_request: http.Request) -> http.Response:
        try:
            await services.db.ping()
        except SQLAlchemyError as error:
            LOG.warning("the database does not answer: %s", type(error).__name__)
            return http.json_response({"status": "no-database"}, status=503)
        return http.json_response({"status": "ok", "version": __version__})

    async def metrics(_request: http.Request) -> http.Response:
        return http.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/metrics", metrics)
