"""The lines that web/api adds to the route table."""

from web.access import Route

ROUTES: list[Route] = []
