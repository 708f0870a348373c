"""导入: a county from a TOML file, all of it or nothing, problems by line and field."""

from aiohttp import web as http
from aiohttp.web_request import FileField

from scheduler.exchange.imports.apart import parse_apart
from scheduler.exchange.imports.importer import (
    ImportProblem,
    ImportRefused,
    load_county,
)
from web.kit.pages.templating import render
from web.kit.services import ACTOR, services_of
from web.kit.translate import translated
from web.kit.words.i18n import gettext as _

MOST_PROBLEMS = 200
"""Lines shown; a file with more is read again after these are mended."""


async def form(request: http.Request) -> http.Response:
    """GET /admin/organisation/import."""
    return _page(request)


async def submit(request: http.Request) -> http.Response:
    """POST /admin/organisation/import: file; `check` = only look, write nothing."""
    fields = await request.post()
    upload = fields.get("file")
    if not isinstance(upload, FileField) or not upload.filename:
        return _page(request, sentence=_("请选择一个 TOML 文件。"), status=422)
    text = decoded(upload.file.read())
    if text is None:
        return _page(request, sentence=_("文件不是 UTF-8 编码的文本，没有导入。"), status=422)
    services, actor = services_of(request), request[ACTOR]
    try:
        plan = await parse_apart(text)
        if "check" in fields:
            return _page(request, checked=True, name=upload.filename)
        now, account = services.clock(), actor.account_id
        summary = await load_county(services.db, now, plan, account, seal=services.seal)
    except ImportRefused as refused:
        return _page(request, problems=refused.problems, name=upload.filename, status=422)
    return _page(request, summary=summary, name=upload.filename)


def decoded(content: bytes) -> str | None:
    """Return the text of a TOML file (UTF-8 by its definition, a byte order mark is skipped)."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _page(
    request: http.Request,
    *,
    problems: tuple[ImportProblem, ...] = (),
    summary: object | None = None,
    checked: bool = False,
    sentence: str = "",
    name: str = "",
    status: int = 200,
) -> http.Response:
    context = {
        "problems": problems[:MOST_PROBLEMS],
        "problem_count": len(problems),
        "summary": summary,
        "checked": checked,
        "sentence": sentence,
        "file_name": name,
        "translated": translated,
    }
    return render(request, "admin/import.html", context, status)
