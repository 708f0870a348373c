"""The lines that web/teacher adds to the route table."""

from web.access import Route

ROUTES: list[Route] = []
