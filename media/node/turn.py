"""STUN and TURN servers that clients are told of (RFC 9725 section 4.6, checklist W5)."""

import re
from dataclasses import dataclass

URL = re.compile(r"(stuns?|turns?):[^\s<>,;\"]+")


@dataclass(frozen=True, slots=True)
class IceServer:
    """`url` as RFC 7064 and RFC 7065 write it; a STUN server has no user."""

    url: str
    user: str = ""
    credential: str = ""

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
