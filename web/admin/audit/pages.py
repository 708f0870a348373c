"""审计: who did what and when; filters in the address, exportable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web as http

from scheduler.audit.reading import AuditPage, audit_events
from web.admin.audit.words import ACTIONS, action_word, action_words, event_text, lesson_id
from web.kit.downloads.csv_text import csv_bytes
from web.kit.downloads.files import csv_file
from web.kit.pages.templating import render
from web.kit.services import Services, services_of
from web.kit.words.formats import local_day, parse_day
from web.kit.words.i18n import gettext as _

EVENTS_A_PAGE = 100
MOST_EXPORTED = 100_000
DAYS = 30
MOST_TEXT = 80


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What the address asks for; `page` counts from 1."""

    from_day: date
    to_day: date
    action: str
    text: str
    page: int

    def encoded(self, page: int | None = None) -> str:
        """Return the address's query."""
        fields = {
            "from": self.from_day.isoformat(),
            "to": self.to_day.isoformat(),
            "action": self.action,
            "q": self.text,
            "page": str(page) if page and page > 1 else "",
        }
        return urlencode({name: value for name, value in fields.items() if value})

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the days as a half-open time."""
        start = datetime.combine(self.from_day, time(), zone)
        return start, datetime.combine(self.to_day + timedelta(days=1), time(), zone)


def audit_query(parameters: Mapping[str, str], today: date) -> AuditQuery:
    """Return what the address asks for; a bad value becomes the default. Pure."""
    to_day = parse_day(parameters.get("to"), today)
    from_day = parse_day(parameters.get("from"), to_day - timedelta(days=DAYS - 1))
    number = parameters.get("page", "")
    return AuditQuery(
        min(from_day, to_day),
        max(from_day, to_day),
        parameters.get("action", "") if parameters.get("action", "") in ACTIONS else "",
        parameters.get("q", "").strip()[:MOST_TEXT],
        max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
    )


async def page(request: http.Request) -> http.Response:
    """GET /admin/audit?from=&to=&action=&q=&page=."""
    services = services_of(request)
    query = audit_query(request.query, local_day(services.clock(), services.settings.zone))
    found = await _events(services, query, EVENTS_A_PAGE, (query.page - 1) * EVENTS_A_PAGE)
    context = {
        "query": query,
        "found": found,
        "pages": max(1, -(-found.total // EVENTS_A_PAGE)),
        "actions": action_words(),
        "action_word": action_word,
        "event_text": lambda event: event_text(event, services.settings.zone),
        "lesson_id": lesson_id,
    }
    return render(request, "admin/audit.html", context)


async def export(request: http.Request) -> http.Response:
    """GET /admin/audit.csv with the same filters."""
    services = services_of(request)
    zone = services.settings.zone
    query = audit_query(request.query, local_day(services.clock(), zone))
    found = await _events(services, query, MOST_EXPORTED, 0)
    head = [_("时间"), _("人员"), _("账号"), _("操作"), _("对象"), _("说明"), _("来源")]
    rows = [
        [
            event.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
            event.who,
            event.login,
            action_word(event.action),
            event.object_id,
            event_text(event, zone),
            event.address,
        ]
        for event in found.events
    ]
    return csv_file(csv_bytes(head, rows), f"{_('审计')} {query.from_day}_{query.to_day}")


async def _events(services: Services, query: AuditQuery, limit: int, offset: int) -> AuditPage:
    starts, ends = query.bounds(services.settings.zone)
    async with services.db.read() as session:
        return await audit_events(
            session,
            starts,
            ends,
            action=query.action,
            text=query.text,
            limit=limit,
            offset=offset,
        )
