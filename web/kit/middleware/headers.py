"""Security headers on every answer.

No inline scripts and no inline styles anywhere, so the policy needs neither nonce nor hash. Pages
talk to the relay nodes directly, hence their origins (HTTP for WHIP and WHEP, WebSocket for
stages).
"""

from urllib.parse import urlsplit

from aiohttp import web as http

from web.kit.services import services_of

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
}


async def add_headers(request: http.Request, response: http.StreamResponse) -> None:
    """Signal handler of on_response_prepare: it reaches errors and streams alike."""
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    relays = [relay.url for relay in services_of(request).tickets.relays()]
    response.headers.setdefault("Content-Security-Policy", policy(relays, request.host))
    if services_of(request).settings.secure_cookies:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.path.startswith("/static/"):
        return
    response.headers.setdefault("Cache-Control", "no-store")


def policy(relay_urls: list[str], host: str) -> str:
    """Return the Content-Security-Policy for pages served at `host`."""
    reach = " ".join(dict.fromkeys(["'self'", *_own_sockets(host), *_origins(relay_urls)]))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "worker-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            f"connect-src {reach}",
            "media-src 'self' blob:",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _own_sockets(host: str) -> list[str]:
    """Return the WebSocket origins of `host`: Chromium 109 does not count them as 'self'."""
    plain = all(letter.isalnum() or letter in ".-:[]" for letter in host)
    return [f"ws://{host}", f"wss://{host}"] if plain and host else []


def _origins(urls: list[str]) -> list[str]:
    """Return the HTTP and WebSocket origins of absolute relay addresses."""
    origins = []
    for parts in map(urlsplit, urls):
        if parts.scheme in ("http", "https") and parts.netloc:
            socket = "wss" if parts.scheme == "https" else "ws"
            origins += [f"{parts.scheme}://{parts.netloc}", f"{socket}://{parts.netloc}"]
    return origins
