"""The lines that web/terminal adds to the route table."""

from web.access import Route

ROUTES: list[Route] = []
