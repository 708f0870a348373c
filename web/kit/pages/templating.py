"""The Jinja environment and what every template may use."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web as http

from web.kit.pages.navigation import menu
from web.kit.pages.static_files import static_url
from web.kit.services import ACTOR, CSRF, SERVICES, Services, services_of
from web.kit.translate import translated
from web.kit.words import formats, i18n
from web.kit.words.labels import label, look

TEMPLATES = Path(__file__).parents[2] / "templates"


def set_up(app: http.Application) -> None:
    """Prepare `app` for `render`. Undefined names in a template are errors."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install_text: Any = environment.install_gettext_callables  # type: ignore[attr-defined]
    install_text(i18n.gettext, i18n.ngettext, newstyle=True)
    environment.globals["static"] = static_url
    environment.filters.update(_filters(app[SERVICES]))


def render(
    request: http.Request, template: str, context: Mapping[str, Any], status: int = 200
) -> http.Response:
    """Return the page, with what base.html needs put under `context`."""
    return aiohttp_jinja2.render_template(
        template, request, {**common(request), **context}, status=status
    )


def page_text(request: http.Request, template: str, context: Mapping[str, Any]) -> str:
    """Return the text that `render` would answer with."""
    return aiohttp_jinja2.render_string(template, request, {**common(request), **context})


def _filters(services: Services) -> dict[str, Any]:
    zone = services.settings.zone

    def local_day(moment: datetime) -> date:
        return formats.local_day(moment, zone)

    return {
        "hhmm": lambda moment: formats.clock_time(moment, zone),
        "hhmmss": lambda moment: moment.astimezone(zone).strftime("%H:%M:%S"),
        "local_day": local_day,
        "long_day": lambda day: formats.long_day(local_day(day) if _timed(day) else day),
        "short_day": lambda day: formats.short_day(local_day(day) if _timed(day) else day),
        "label": label,
        "look": look,
        "translated": translated,
        "iso": lambda moment: moment.isoformat(),
    }


def _timed(day: date) -> bool:
    return isinstance(day, datetime)


def common(request: http.Request) -> dict[str, Any]:
    """Return what base.html needs on every page, signed in or not."""
    services = services_of(request)
    actor = request.get(ACTOR)
    return {
        "actor": actor,
        "csrf_token": request.get(CSRF, ""),
        "language": i18n.language(),
        "languages": [
            (code, i18n.LANGUAGE_NAMES.get(code, code)) for code in services.settings.languages
        ],
        "menu": menu(actor, request.path),
        "path": request.path_qs,
        "version": services.settings.version,
        "now": services.clock(),
    }
