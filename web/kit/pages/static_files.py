"""Static files under a versioned address.

Addresses are /static/<version>/<path>, the version being a digest over the whole tree: pages may
keep files for a year, and relative imports between ES modules stay within one version.
"""

import hashlib
from functools import cache
from pathlib import Path

from aiohttp import web as http

ROOT = (Path(__file__).parents[2] / "static").resolve()
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Named here because a system's own table may say otherwise, and modules insist on theirs."""


@cache
def version() -> str:
    """Return the digest of the static tree as it is when the process starts."""
    digest = hashlib.sha256()
    for path in sorted(path for path in ROOT.rglob("*") if path.is_file()):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def static_url(path: str) -> str:
    """Return the address of a file below web/static, e.g. static_url("css/app.css")."""
    return f"/static/{version()}/{path}"


def _file(name: str) -> Path | None:
    """Return the file below ROOT, None for anything else; a name may be as odd as it likes."""
    try:
        path = (ROOT / name).resolve()
        return path if path.is_relative_to(ROOT) and path.is_file() else None
    except (OSError, ValueError):  # too long, a NUL, half a surrogate pair
        return None


async def serve(request: http.Request) -> http.StreamResponse:
    """GET /static/{version}/{path}: an older version is answered with today's file, unkept."""
    path = _file(request.match_info["path"])
    if path is None:
        raise http.HTTPNotFound
    kept = request.match_info["version"] == version()
    response = http.FileResponse(path, headers={"Cache-Control": FOR_EVER if kept else ASK_AGAIN})
    if path.suffix in TYPES:
        response.headers["Content-Type"] = TYPES[path.suffix] + "; charset=utf-8"
    return response
