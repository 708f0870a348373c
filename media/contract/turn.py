"""STUN and TURN servers that clients are given (RFC 9725 section 4.6, checklist W5)."""

import re
from dataclasses import dataclass, field
from pathlib import Path

URL = re.compile(r"(stuns?|turns?):[^\s<>,;\"]+")


class IceServerFileError(ValueError):
    """the file of ICE servers cannot be used; never says what it holds"""


@dataclass(frozen=True, slots=True)
class IceServer:
    """`url` as RFC 7064 and RFC 7065 write it; a STUN server has no user."""

    url: str
    user: str = ""
    credential: str = field(default="", repr=False)

    @property
    def link(self) -> str:
        """The value of a Link header."""
        words = [f"<{self.url}>", 'rel="ice-server"']
        if self.user:
            words += [f"username={_quoted(self.user)}", f"credential={_quoted(self.credential)}"]
            words.append('credential-type="password"')
        return "; ".join(words)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def parse_ice_server(text: str) -> IceServer:
    """Read `turn:host:port,user,credential` or `stun:host:port`; raise ValueError."""
    url, *login = text.split(",", 2)
    if not URL.fullmatch(url) or not text.isprintable():
        raise ValueError(f"{url!r} is not a STUN or TURN address")
    if not all(login) or len(login) != (2 if url.startswith("turn") else 0):
        raise ValueError("a TURN server is URL,user,credential and a STUN server a URL alone")
    return IceServer(url, *login)


def read_ice_servers(file: Path) -> tuple[IceServer, ...]:
    """Read one server a line; empty lines and those with a # in front do not count.

    A credential on the command line would be in `ps` for everybody on the machine, and so would
    one in a file that others may read. Raise OSError, or IceServerFileError naming the line.
    """
    if file.stat().st_mode & 0o077:
        raise IceServerFileError(f"{file.name} can be read by others: set its mode to 0600")
    servers = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        text = line.strip()
        if text and not text.startswith("#"):
            try:
                servers.append(parse_ice_server(text))
            except ValueError:
                wrong = f"line {number} of {file.name} is no STUN or TURN server"
                raise IceServerFileError(wrong) from None
    return tuple(servers)
