"""The address of the pages, and how many connections it holds."""

import os
import socket

from aiohttp import web as http
from prometheus_client import REGISTRY

from media.httpd.connections import Bounds
from media.httpd.listening import OTHER_FILES, HttpPort, raise_file_limit
from media.httpd.proxies import parse_network
from server.config.settings import ServerSettings

CONNECTIONS = 4096
"""A county at its busiest holds some 2,500: 300 pages and 62 terminals, each with a live line and
six more while it loads. All of it may come from one router, so one address may have half of them
and may be short of some: those of its own that only wait make room."""

SHUTDOWN_PATIENCE = 2.0
"""Seconds for requests that are under way; live pages connect again by themselves."""

ANYBODY = (parse_network("0.0.0.0/0"), parse_network("::/0"))


class CannotListen(Exception):
    """the address of the pages cannot be listened on"""


def bind(server: ServerSettings) -> socket.socket:
    """Take the address early, so that a second start fails before it touches anything.

    Raise CannotListen.
    """
    try:
        family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
        return socket.create_server((server.host, server.port), family=family, backlog=512)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise CannotListen(f"cannot listen on {server.host}:{server.port}: {reason}") from None


def bounds_for(files: int) -> Bounds:
    """Return how many connections the pages may hold with so many open files."""
    total = max(2, min(CONNECTIONS, files - OTHER_FILES))
    return Bounds(total, total // 2)


def guarded_port(app: http.Application, trust_proxy: bool) -> HttpPort:
    """Return the port that serves the pages; takes as many open files as there may be.

    Behind a proxy everybody has its address: connections are then not counted by address.
    """
    proxies = ANYBODY if trust_proxy else ()
    return HttpPort(app, REGISTRY, bounds_for(raise_file_limit()), proxies, SHUTDOWN_PATIENCE)
