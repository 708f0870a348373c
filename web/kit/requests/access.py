"""What a route is and who may take it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web as http

from scheduler.access.permissions import Action

Handler = Callable[[http.Request], Awaitable[http.StreamResponse]]


class Access(StrEnum):
    """Who may call a route at all. The handler checks whose object it is."""

    PUBLIC = "PUBLIC"  # anybody
    SIGNED_IN = "SIGNED_IN"  # anybody with a session
    ACTION = "ACTION"  # whoever holds Route.action for some school
    DEVICE = "DEVICE"  # a terminal with a Bearer token, which the handler verifies; no cookies


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table in `web/routes.py`; `action` is set exactly for Access.ACTION."""

    method: str
    path: str
    handler: Handler
    access: Access
    action: Action | None = None

    def __post_init__(self) -> None:
        if (self.access is Access.ACTION) != (self.action is not None):
            raise ValueError(f"{self.method} {self.path}: an action belongs to Access.ACTION alone")


def public(method: str, path: str, handler: Handler) -> Route:
    return Route(method, path, handler, Access.PUBLIC)


def signed_in(method: str, path: str, handler: Handler) -> Route:
    return Route(method, path, handler, Access.SIGNED_IN)


def device(method: str, path: str, handler: Handler) -> Route:
    return Route(method, path, handler, Access.DEVICE)


def needs(action: Action, method: str, path: str, handler: Handler) -> Route:
    return Route(method, path, handler, Access.ACTION, action)
