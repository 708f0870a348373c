"""The address of the pages."""

import os
import socket

from server.settings import ServerSettings


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
