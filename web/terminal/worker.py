"""GET /terminal/worker.js: the service worker with which a classroom's page survives our absence.

The browser compares the script byte by byte: what the page is made of stands in its first line,
so that any change of texts, styles, modules or relay addresses makes a new version.
"""

import hashlib
import json
from typing import Any

from aiohttp import web as http

from web.kit.middleware.headers import policy
from web.kit.pages.static_files import ROOT, static_url
from web.kit.pages.templating import page_text
from web.kit.services import Services, services_of
from web.kit.words.i18n import in_language
from web.terminal.page import TEMPLATE, texts

SCOPE = "/terminal"
SOURCE = ROOT / "js" / "terminal" / "worker.js"


async def script(request: http.Request) -> http.Response:
    """Return worker.js, with the list of pages and files to keep."""
    listed = json.dumps(shell(request), ensure_ascii=True, sort_keys=True)
    return http.Response(
        text=f"const SHELL = {listed};\n{SOURCE.read_text('utf-8')}",
        content_type="text/javascript",
        charset="utf-8",
        headers={"Service-Worker-Allowed": SCOPE},
    )


def shell(request: http.Request) -> dict[str, Any]:
    """Return what the page consists of: version, statics' folder, pages by language, files."""
    services = services_of(request)
    languages = services.settings.languages
    return {
        "version": _version(request, services),
        "statics": static_url(""),
        "pages": {code: f"{SCOPE}?language={code}" for code in languages},
        "usual": languages[0],
        "files": [static_url(name) for name in files()],
    }


def files() -> list[str]:
    """Return the static files of the page, relative to web/static."""
    modules = [
        path.relative_to(ROOT).as_posix()
        for folder in ("terminal", "protocol")
        for path in sorted((ROOT / "js" / folder).glob("*.js"))
        if path != SOURCE
    ]
    return ["css/terminal.css", "icon.svg", *modules]


def _version(request: http.Request, services: Services) -> str:
    """A digest over the pages as they would be answered now, with their content policy."""
    relays = [relay.url for relay in services.tickets.relays()]
    digest = hashlib.sha256(policy(relays, request.host).encode())
    for code in services.settings.languages:
        with in_language(code):
            digest.update(page_text(request, TEMPLATE, {"texts": texts()}).encode())
    return digest.hexdigest()[:12]
