"""Where a request came from, masked: enough to count tries, too little to find a person."""

import ipaddress

from aiohttp import web as http

from web.services import services


def masked_address(request: http.Request) -> str:
    """Return e.g. "10.1.x.x" or "2001:db8::x"; "unknown" when there is none."""
    text = request.remote or ""
    if services(request).settings.trust_proxy:
        # The last entry is the one that our own proxy wrote, in a line of its own or at the end
        # of the one that came.
        lines = request.headers.getall("X-Forwarded-For", [text])
        text = lines[-1].rsplit(",", 1)[-1].strip()
    return mask(text)


def mask(text: str) -> str:
    """Keep the first two bytes of an IPv4 address, the first 32 bits of an IPv6 one."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if isinstance(address, ipaddress.IPv4Address):
        return ".".join(str(address).split(".")[:2]) + ".x.x"
    return ":".join(address.exploded.split(":")[:2]) + "::x"
