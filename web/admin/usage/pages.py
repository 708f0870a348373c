"""使用日志: every lesson and leg in reach, with filters in the address, bars and an export."""

from aiohttp import web as http

from scheduler.access.permissions import Action
from scheduler.evidence.attendance import AttendanceStatus
from scheduler.lessons.predicates import is_remarkable
from scheduler.usage.lesson_usage import lesson_attendance
from scheduler.usage.log import usage_export, usage_page
from scheduler.usage.remarks import STATUSES, write_remark
from scheduler.usage.scope import require_usage_of
from web.admin.scope import choices
from web.admin.usage import export as usage_csv
from web.admin.usage.bars import WIDTH
from web.admin.usage.filters import UsageQuery, usage_query
from web.admin.usage.view import block, blocks, reason_word
from web.kit.downloads.csv_text import csv_bytes
from web.kit.downloads.files import csv_file
from web.kit.pages.templating import render
from web.kit.problems import HttpProblem
from web.kit.services import ACTOR, Services, services_of
from web.kit.words.formats import local_day
from web.kit.words.i18n import gettext as _

LESSONS_A_PAGE = 25


async def page(request: http.Request) -> http.Response:
    """GET /admin/usage?from=&to=&school=&community=&teacher=&q=&page=."""
    services, actor = services_of(request), request[ACTOR]
    query = _usage_query(request, services)
    now = services.clock()
    found = await usage_page(
        services.db, actor, query.filters(), now, services.policy, query.page, LESSONS_A_PAGE
    )
    async with services.db.read() as session:
        offered = await choices(session, actor, Action.USAGE_VIEW)
    context = {
        "query": query,
        "blocks": blocks(found.rows, now, services.settings.zone),
        "totals": found.totals,
        "choices": offered,
        "pages": found.pages,
        "page": found.page,
        "may_export": actor.may(Action.USAGE_EXPORT),
        "line_width": WIDTH,
    }
    return render(request, "admin/usage.html", context)


async def export(request: http.Request) -> http.Response:
    """GET /admin/usage.csv with the same filters: every row, not only those of one page."""
    services, actor = services_of(request), request[ACTOR]
    query = _usage_query(request, services)
    rows = await usage_export(
        services.db, actor, query.filters(), services.clock(), services.policy
    )
    content = csv_bytes(usage_csv.head(), usage_csv.lines(rows, services.settings.zone))
    return csv_file(content, f"{_('使用日志')} {query.from_day}_{query.to_day}")


async def lesson(request: http.Request) -> http.Response:
    """GET /admin/usage/{lesson_id}: one lesson, all its evidence."""
    services, actor = services_of(request), request[ACTOR]
    now = services.clock()
    found = await lesson_attendance(
        services.db, request.match_info["lesson_id"], now, services.policy
    )
    require_usage_of(actor, found)
    context = {
        "usage": found,
        "reason_word": reason_word,
        "block": block([found.host, *found.legs], now, services.settings.zone),
        "line_width": WIDTH,
        "statuses": STATUSES,
        "remarkable": is_remarkable(found.lesson_state),
        "may_remark": lambda school_id: actor.may(Action.REMARK_WRITE, school_id),
        "done": request.query.get("done") == "remarked",
    }
    return render(request, "admin/lesson_usage.html", context)


async def remark(request: http.Request) -> http.StreamResponse:
    """POST /admin/usage/{lesson_id}/legs/{leg_id}/remarks: status, reason."""
    services, fields = services_of(request), await request.post()
    lesson_id, leg_id = request.match_info["lesson_id"], request.match_info["leg_id"]
    status = fields.get("status", "")
    if status not in tuple(AttendanceStatus):
        raise HttpProblem(422, "no-status", _("请选择到课情况。"))
    await write_remark(
        services.db,
        services.clock(),
        request[ACTOR],
        lesson_id,
        leg_id,
        AttendanceStatus(str(status)),
        str(fields.get("reason", "")),
    )
    raise http.HTTPSeeOther(f"/admin/usage/{lesson_id}?done=remarked#remarks")


def _usage_query(request: http.Request, services: Services) -> UsageQuery:
    return usage_query(request.query, local_day(services.clock(), services.settings.zone))
