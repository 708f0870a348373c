"""排课: rooms by periods, for a day or a week."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web as http

from scheduler.access.permissions import Action
from scheduler.booking.grid.grid import grid
from scheduler.booking.grid.shapes import Grid, GridCell, GridEntry, GridRow
from web.kit.pages.templating import render
from web.kit.requests.ids import id_or_empty
from web.kit.services import ACTOR, Services, services_of
from web.kit.words.formats import local_day, parse_day, week_of
from web.teacher.booking.choices import own_communities

VIEWS = ("day", "week")


@dataclass(frozen=True, slots=True)
class BoardCell:
    """A cell of the page: what lies in it, and where a tap on free time leads ("" in the past)."""

    cell: GridCell | None
    book_url: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A room; `days` and `outside` (of every period) run beside the shown days of the board."""

    row: GridRow
    first_of_school: bool
    days: tuple[tuple[BoardCell, ...], ...]
    outside: tuple[tuple[GridEntry, ...], ...]


async def page(request: http.Request) -> http.StreamResponse:
    """GET /book?day=&view=&community=."""
    services, actor = services_of(request), request[ACTOR]
    today = local_day(services.clock(), services.settings.zone)
    day = parse_day(request.query.get("day"), today)
    view = request.query.get("view", "")
    view = view if view in VIEWS else VIEWS[0]
    async with services.db.read() as session:
        mine = await own_communities(session, actor, Action.LESSON_VIEW, day)
    wanted = id_or_empty(request.query.get("community"))
    community = next((c for c in mine if c.id == wanted), mine[0] if mine else None)
    chosen = community.id if community else ""
    board = await grid(services.db, chosen or None, [day] if view == "day" else week_of(day))
    shown = [
        index for index, item in enumerate(board.days) if view == "day" or in_use(board, index)
    ]
    return render(
        request,
        "teacher/board.html",
        {
            "days": [board.days[index] for index in shown],
            "extra": [any(row.days[index].outside for row in board.rows) for index in shown],
            "rows": rows_of(board, shown, services, chosen, actor.may(Action.LESSON_BOOK)),
            "day": day,
            "today": today,
            "view": view,
            "step": timedelta(days=7 if view == "week" else 1),
            "communities": mine,
            "community": community,
            "address": lambda **changed: address(day, view, chosen, changed),
        },
    )


def in_use(board: Grid, index: int) -> bool:
    """Tell whether a day of the week is worth a column: it is taught, or something lies in it."""
    return board.days[index].taught or any(
        row.days[index].outside or any(cell and cell.entries for cell in row.days[index].cells)
        for row in board.rows
    )


def rows_of(
    board: Grid, shown: list[int], services: Services, community: str, may_book: bool
) -> list[BoardRow]:
    """Return the rows as the page shows them."""
    now, zone = services.clock(), services.settings.zone
    rows, school = [], ""
    for row in board.rows:

        def cell_of(cell: GridCell | None, row: GridRow = row) -> BoardCell:
            if cell is None or cell.entries or cell.starts_at <= now or not may_book:
                return BoardCell(cell, "")
            return BoardCell(cell, book_url(cell, row.room.id, community, zone))

        days = tuple(tuple(map(cell_of, row.days[index].cells)) for index in shown)
        outside = tuple(row.days[index].outside for index in shown)
        rows.append(BoardRow(row, row.room.school_id != school, days, outside))
        school = row.room.school_id
    return rows


def book_url(cell: GridCell, room_id: str, community: str, zone: ZoneInfo) -> str:
    """Return the address of the form for this room and period."""
    starts, ends = cell.starts_at.astimezone(zone), cell.ends_at.astimezone(zone)
    fields = {
        "day": starts.date().isoformat(),
        "period": f"{starts:%H:%M}-{ends:%H:%M}",
        "room": room_id,
        "community": community,
    }
    return "/book/new?" + urlencode({name: value for name, value in fields.items() if value})


def address(day: date, view: str, community: str, changed: dict[str, object]) -> str:
    """Return this page's address with some of its settings changed."""
    settings = {"day": day.isoformat(), "view": view, "community": community}
    settings |= {name: str(value) for name, value in changed.items()}
    return "/book?" + urlencode({name: value for name, value in settings.items() if value})
