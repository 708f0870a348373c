"""The filters of the usage log as they stand in the address. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from scheduler.usage.rows import UsageFilters
from web.kit.requests.ids import id_or_empty
from web.kit.words.formats import parse_day

DAYS = 7
"""Without dates in the address: this day and the six before."""

LONGEST = 400
"""Days that one look may cover: a school year; more would read a million facts."""

MOST_TEXT = 80


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """What the address asks for. Ids are empty where anything will do; `page` counts from 1."""

    from_day: date
    to_day: date
    school: str
    community: str
    teacher: str
    text: str
    page: int

    def filters(self) -> UsageFilters:
        """Return the scheduler's filters."""
        return UsageFilters(
            from_day=self.from_day,
            to_day=self.to_day,
            school_id=self.school or None,
            community_id=self.community or None,
            teacher_id=self.teacher or None,
            text=self.text,
        )

    def encoded(self, *, page: int | None = None) -> str:
        """Return the address's query, to be kept, shared and exported."""
        fields = {
            "from": self.from_day.isoformat(),
            "to": self.to_day.isoformat(),
            "school": self.school,
            "community": self.community,
            "teacher": self.teacher,
            "q": self.text,
        }
        if page is not None and page > 1:
            fields["page"] = str(page)
        return urlencode({name: value for name, value in fields.items() if value})


def usage_query(parameters: Mapping[str, str], today: date) -> UsageQuery:
    """Return what the address asks for; a bad value becomes the default, days are put in order."""
    to_day = parse_day(parameters.get("to"), today)
    from_day = parse_day(parameters.get("from"), to_day - timedelta(days=DAYS - 1))
    query = UsageQuery(
        from_day=min(from_day, to_day),
        to_day=max(from_day, to_day),
        school=id_or_empty(parameters.get("school")),
        community=id_or_empty(parameters.get("community")),
        teacher=id_or_empty(parameters.get("teacher")),
        text=parameters.get("q", "").strip()[:MOST_TEXT],
        page=_page(parameters.get("page", "")),
    )
    earliest = query.to_day - timedelta(days=LONGEST)
    return replace(query, from_day=max(query.from_day, earliest))


def _page(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
