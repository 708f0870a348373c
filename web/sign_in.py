"""Signing in and out, and the language switch."""

import re

from aiohttp import web as http

from scheduler.access.sessions import SignInRefused, sign_in, sign_out
from web.kit.middleware.session import FORM_COOKIE, SESSION_COOKIE, keep
from web.kit.pages.templating import render
from web.kit.problems import HttpProblem
from web.kit.requests.address import masked_address, source_of
from web.kit.services import ACTOR, CSRF, services_of
from web.kit.words.i18n import LANGUAGE_COOKIE, ngettext
from web.kit.words.i18n import gettext as _

LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
"""A path and perhaps a query of this site: two slashes would begin another host (RFC 3986
section 4.2), browsers read a backslash as a slash, and drop tabs and line ends before reading."""

HOME = "/"
"""Redirects everybody to their first page (web/teacher/routes.py)."""


async def form(request: http.Request) -> http.StreamResponse:
    """GET /sign-in."""
    target = local_path(request.query.get("next"))
    if request.get(ACTOR) is not None:
        raise http.HTTPSeeOther(target)
    return _page(request, target, login="", sentence="")


async def submit(request: http.Request) -> http.StreamResponse:
    """POST /sign-in: login, password, next."""
    fields = await request.post()
    login = str(fields.get("login", "")).strip()
    password = str(fields.get("password", ""))
    target = local_path(str(fields.get("next", "")))
    if not login or not password:
        return _page(request, target, login, _("请填写账号和密码。"), 422)
    services = services_of(request)
    try:
        entered = await sign_in(
            services.db,
            services.clock(),
            login,
            password,
            masked_address(request),
            source_of(request),
        )
    except SignInRefused as refusal:
        wait = refusal.retry_after
        return _page(request, target, login, refusal_sentence(wait), 429 if wait else 401)
    answer = http.HTTPSeeOther(target)
    keep(answer, services, SESSION_COOKIE, entered.token)
    answer.del_cookie(FORM_COOKIE, path="/")
    raise answer


async def leave(request: http.Request) -> http.StreamResponse:
    """POST /sign-out."""
    services = services_of(request)
    await sign_out(services.db, services.clock(), request.cookies.get(SESSION_COOKIE, ""))
    answer = http.HTTPSeeOther("/sign-in")
    answer.del_cookie(SESSION_COOKIE, path="/")
    raise answer


async def switch_language(request: http.Request) -> http.StreamResponse:
    """POST /language: language, next."""
    fields = await request.post()
    wanted = str(fields.get("language", ""))
    services = services_of(request)
    if wanted not in services.settings.languages:
        raise HttpProblem(422, "language", _("没有这种语言。"))
    answer = http.HTTPSeeOther(local_path(str(fields.get("next", ""))))
    keep(answer, services, LANGUAGE_COOKIE, wanted)
    raise answer


def refusal_sentence(wait: float | None) -> str:
    """Return what a refused person reads; `wait` is in seconds."""
    if not wait:
        return _("账号或密码不对。请检查大小写，再试一次。")
    minutes = max(1, round(wait / 60))
    return ngettext(
        "尝试次数过多。为保护账号，请 %(n)s 分钟后再试。",
        "尝试次数过多。为保护账号，请 %(n)s 分钟后再试。",
        minutes,
    ) % {"n": minutes}


def local_path(text: str | None) -> str:
    """Return `text` when it is a path on this site, else the home page (no open redirects)."""
    return str(text) if LOCAL.fullmatch(text or "") else HOME


def _page(
    request: http.Request, target: str, login: str, sentence: str, status: int = 200
) -> http.Response:
    services = services_of(request)
    page = render(
        request,
        "sign_in.html",
        {
            "target": target,
            "login": login,
            "sentence": sentence,
            "demo_accounts": services.settings.demo_accounts,
        },
        status,
    )
    keep(page, services, FORM_COOKIE, request[CSRF])
    return page
