"""Addresses in a log lose their last half. Pure."""

import ipaddress
import re

_IPV4 = re.compile(r"(?<![\d.])(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:.])")


def mask_addresses(text: str) -> str:
    """Return `text` with every IP address but the loopback cut: 10.1.2.3 becomes 10.1.x.x."""
    text = _IPV4.sub(lambda m: m[0] if m[1] in ("127.0", "0.0") else f"{m[1]}.x.x", text)
    return _IPV6.sub(_mask_ipv6, text)


def _mask_ipv6(match: re.Match[str]) -> str:
    try:
        address = ipaddress.IPv6Address(match[0])
    except ValueError:
        return match[0]
    if address.is_loopback or address.is_unspecified:
        return match[0]
    return ":".join(address.exploded.split(":")[:2]) + "::x"
