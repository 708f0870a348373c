"""The lines that web/admin adds to the route table."""

from web.access import Route

ROUTES: list[Route] = []
