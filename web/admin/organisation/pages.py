"""组织: the tree of communities and schools, rooms, people; each within the actor's reach."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web as http

from scheduler.access.permissions import Action
from scheduler.organisation import directory
from scheduler.organisation.shapes import CommunityView, RoomView, SchoolView
from scheduler.terminals.views import enrolled_terminals
from web.admin.scope import within
from web.kit.downloads.csv_text import csv_bytes
from web.kit.downloads.files import csv_file
from web.kit.pages.templating import render
from web.kit.requests.ids import id_or_empty
from web.kit.rooms.terminal_states import room_states
from web.kit.services import ACTOR, services_of
from web.kit.words.i18n import gettext as _
from web.kit.words.labels import label

TABS = ("tree", "rooms", "people")


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """A school of the tree with its counts."""

    school: SchoolView
    rooms: int
    people: int


async def page(request: http.Request) -> http.Response:
    """GET /admin/organisation?tab=&school=&q=."""
    services, actor = services_of(request), request[ACTOR]
    reach = actor.schools(Action.ORGANISATION_VIEW)
    school, text = id_or_empty(request.query.get("school")), request.query.get("q", "").strip()
    async with services.db.read() as session:
        county = await directory.the_county(session)
        schools = [s for s in await directory.schools(session) if within(reach, s.id)]
        communities = await directory.communities(session)
        rooms = await directory.rooms(session, school_ids=reach, active_only=False)
        people = await directory.people(session, school_ids=reach)
        terminals = await enrolled_terminals(session, school_ids=reach)
    tab = request.query.get("tab", TABS[0])
    lines = school_lines(schools, rooms, Counter(p.school_id for p in people))
    context = {
        "county": county,
        "tab": tab if tab in TABS else TABS[0],
        "school": school,
        "text": text,
        "schools": schools,
        "lines": lines,
        "communities": roots(communities, lines),
        "by_id": {one.id: one for one in communities},
        "loose": loose(communities, lines),
        "states": room_states(found(rooms, school, text), terminals, services.clock()),
        "people": [p for p in people if matches(school, text, p.school_id, p.name, p.school_name)],
        "totals": {"schools": len(schools), "rooms": len(rooms), "people": len(people)},
        "may_import": actor.may(Action.ORGANISATION_IMPORT),
    }
    return render(request, "admin/organisation.html", context)


async def rooms_csv(request: http.Request) -> http.Response:
    """GET /admin/organisation/rooms.csv."""
    services, actor = services_of(request), request[ACTOR]
    reach = actor.schools(Action.ORGANISATION_VIEW)
    async with services.db.read() as session:
        rooms = await directory.rooms(session, school_ids=reach, active_only=False)
    head = [_("编号"), _("学校"), _("校区"), _("教室"), _("类型"), _("座位"), _("启用")]
    rows = [
        [
            room.code,
            room.school_name,
            room.campus_name,
            room.name,
            label(room.kind),
            room.seats,
            _("是") if room.active else _("否"),
        ]
        for room in rooms
    ]
    return csv_file(csv_bytes(head, rows), _("教室"))


def school_lines(
    schools: Iterable[SchoolView], rooms: Iterable[RoomView], people: Mapping[str | None, int]
) -> dict[str, SchoolLine]:
    """Return each school with its counts, by id. Pure."""
    in_school = Counter(room.school_id for room in rooms)
    return {s.id: SchoolLine(s, in_school[s.id], people.get(s.id, 0)) for s in schools}


def roots(
    communities: Iterable[CommunityView], lines: Mapping[str, SchoolLine]
) -> list[CommunityView]:
    """Return the communities to show at the top: in reach, and no member of another one. Pure."""
    known = list(communities)
    nested = {m.community_id for one in known for m in one.members if m.community_id}
    return [one for one in known if one.id not in nested and set(one.school_ids) & set(lines)]


def loose(
    communities: Iterable[CommunityView], lines: Mapping[str, SchoolLine]
) -> list[SchoolLine]:
    """Return the schools in reach that belong to no community. Pure."""
    members = {school_id for one in communities for school_id in one.school_ids}
    return [line for school_id, line in lines.items() if school_id not in members]


def found(rooms: Iterable[RoomView], school: str, text: str) -> list[RoomView]:
    """Return the rooms that the filters keep. Pure."""
    return [r for r in rooms if matches(school, text, r.school_id, r.name, r.school_name)]


def matches(school: str, text: str, school_id: str | None, *words: str) -> bool:
    """Return whether a row fits the chosen school and the text looked for. Pure."""
    if school and school != school_id:
        return False
    return not text or any(text.casefold() in word.casefold() for word in words)
