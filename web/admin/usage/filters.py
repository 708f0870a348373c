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
class Asked:
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

    def query(self, *, page: int | None = None) -> str:
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


def asked(query: Mapping[str, str], today: date) -> Asked:
    """Return what the query asks for; nonsense falls back to the default, days are put in order."""
    to_day = parse_day(query.get("to"), today)
    from_day = parse_day(query.get("from"), to_day - timedelta(days=DAYS - 1))
    wish = Asked(
        from_day=min(from_day, to_day),
        to_day=max(from_day, to_day),
        school=id_or_empty(query.get("school")),
        community=id_or_empty(query.get("community")),
        teacher=id_or_empty(query.get("teacher")),
        text=query.get("q", "").strip()[:MOST_TEXT],
        page=_page(query.get("page", "")),
    )
    earliest = wish.to_day - timedelta(days=LONGEST)
    return replace(wish, from_day=max(wish.from_day, earliest))


def _page(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
