"""Where a request came from: masked where it is stored, whole where tries are counted."""

import ipaddress

from aiohttp import web as http

from web.kit.services import services_of


def masked_address(request: http.Request) -> str:
    """Return e.g. "10.1.x.x" or "2001:db8::x"; "unknown" when there is none."""
    return mask(_address(request))


def source_of(request: http.Request) -> str:
    """Return the whole address, for counting tries by its hash and for nothing else.

    Of an IPv6 address the first 64 bits: the rest is the client's to choose.
    """
    address = _parsed(_address(request))
    if isinstance(address, ipaddress.IPv6Address):
        return ":".join(address.exploded.split(":")[:4])
    return str(address or "unknown")


def scheme_of(request: http.Request) -> str:
    """Return "http" or "https" as the browser asked; our own proxy's word counts where trusted."""
    if services_of(request).settings.trust_proxy:
        told = request.headers.getall("X-Forwarded-Proto", [request.scheme])
        return told[-1].rsplit(",", 1)[-1].strip().lower()
    return request.scheme


def _address(request: http.Request) -> str:
    text = request.remote or ""
    if services_of(request).settings.trust_proxy:
        # The last entry is the one that our own proxy wrote, in a line of its own or at the end
        # of the one that came.
        lines = request.headers.getall("X-Forwarded-For", [text])
        text = lines[-1].rsplit(",", 1)[-1].strip()
    return text


def mask(text: str) -> str:
    """Keep the first two bytes of an IPv4 address, the first 32 bits of an IPv6 one."""
    address = _parsed(text)
    if isinstance(address, ipaddress.IPv6Address):
        return ":".join(address.exploded.split(":")[:2]) + "::x"
    return ".".join(str(address).split(".")[:2]) + ".x.x" if address else "unknown"


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address, an IPv4-mapped IPv6 one as IPv4; None for anything else.

    A zone (RFC 4007 section 11) is of no use here, and anybody may have written it.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
