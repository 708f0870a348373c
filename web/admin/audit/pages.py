"""审计: who did what and when; filters in the address, exportable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web as http

from scheduler.audit.reading import AuditPage, audit_events
from web.admin.audit.words import ACTIONS, action_word, action_words, lesson_id, telling
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
class Asked:
    """What the address asks for; `page` counts from 1."""

    from_day: date
    to_day: date
    action: str
    text: str
    page: int

    def query(self, page: int | None = None) -> str:
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


def asked(query: Mapping[str, str], today: date) -> Asked:
    """Return what the query asks for; nonsense falls back to the default. Pure."""
    to_day = parse_day(query.get("to"), today)
    from_day = parse_day(query.get("from"), to_day - timedelta(days=DAYS - 1))
    number = query.get("page", "")
    return Asked(
        min(from_day, to_day),
        max(from_day, to_day),
        query.get("action", "") if query.get("action", "") in ACTIONS else "",
        query.get("q", "").strip()[:MOST_TEXT],
        max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
    )


async def page(request: http.Request) -> http.Response:
    """GET /admin/audit?from=&to=&action=&q=&page=."""
    services = services_of(request)
    wish = asked(request.query, local_day(services.clock(), services.settings.zone))
    found = await _events(services, wish, EVENTS_A_PAGE, (wish.page - 1) * EVENTS_A_PAGE)
    context = {
        "wish": wish,
        "found": found,
        "pages": max(1, -(-found.total // EVENTS_A_PAGE)),
        "actions": action_words(),
        "action_word": action_word,
        "telling": lambda event: telling(event, services.settings.zone),
        "lesson_id": lesson_id,
    }
    return render(request, "admin/audit.html", context)


async def export(request: http.Request) -> http.Response:
    """GET /admin/audit.csv with the same filters."""
    services = services_of(request)
    zone = services.settings.zone
    wish = asked(request.query, local_day(services.clock(), zone))
    found = await _events(services, wish, MOST_EXPORTED, 0)
    head = [_("时间"), _("人员"), _("账号"), _("操作"), _("对象"), _("说明"), _("来源")]
    rows = [
        [
            event.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
            event.who,
            event.login,
            action_word(event.action),
            event.object_id,
            telling(event, zone),
            event.address,
        ]
        for event in found.events
    ]
    return csv_file(csv_bytes(head, rows), f"{_('审计')} {wish.from_day}_{wish.to_day}")


async def _events(services: Services, wish: Asked, limit: int, offset: int) -> AuditPage:
    starts, ends = wish.bounds(services.settings.zone)
    async with services.db.read() as session:
        return await audit_events(
            session,
            starts,
            ends,
            action=wish.action,
            text=wish.text,
            limit=limit,
            offset=offset,
        )
