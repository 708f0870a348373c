"""Whose connection or request it is, also behind a reverse proxy of our own. Pure.

Only X-Forwarded-For is read, and only from proxies that were named. Forwarded (RFC 7239) is not:
a proxy that does not write it passes on what a stranger wrote there.
"""

import ipaddress
from collections.abc import Iterable, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse_network(text: str) -> Network:
    """Read "10.0.0.1" or "10.0.0.0/24"; raise ValueError."""
    return ipaddress.ip_network(text, strict=False)


def client_of(peer: str, forwarded: Iterable[str], proxies: Sequence[Network]) -> str:
    """Return the address behind our proxies: the last one of the lines of X-Forwarded-For that
    is not a proxy's.

    `peer` is who connected. A word that is no address ends the search at the proxy that wrote it.
    """
    chain = [word.strip() for line in forwarded for word in line.split(",")]
    found = peer
    while chain and is_proxy(found, proxies):
        before = chain.pop()
        if _read(before) is None:
            break
        found = before
    return found


def is_proxy(text: str, proxies: Sequence[Network]) -> bool:
    """Whether an address is one of our own proxies."""
    address = _read(text)
    return address is not None and any(address in network for network in proxies)


def source_of(text: str) -> str:
    """Return what one client is counted under: of IPv6 the first 64 bits, the rest is its own
    to choose."""
    address = _read(text)
    if isinstance(address, ipaddress.IPv6Address):
        return ":".join(address.exploded.split(":")[:4])
    return text if address is None else str(address)


def _read(text: str) -> Address | None:
    if "%" in text:  # a zone of somebody's own; anything may stand in it
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
