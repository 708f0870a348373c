"""Errors by audience: problem+json (RFC 9457) for scripts, a sentence for people.

The one place where an exception of the scheduler becomes a status and words.
"""

from collections.abc import Mapping
from typing import Any

from aiohttp import web as http

from web.kit.words.i18n import gettext as _

PROBLEM_TYPE = "https://tongke.invalid/problems/"
"""Names of problems, after RFC 9457 section 3.1.1: an identifier, not an address to open."""


class HttpProblem(Exception):
    """a refusal or failure for the caller (RFC 9457); `detail` is in the caller's language"""

    def __init__(
        self,
        status: int,
        name: str,
        detail: str,
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.name, self.detail = status, name, detail
        self.more = dict(more or {})
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        return {
            "type": PROBLEM_TYPE + self.name,
            "title": status_text(self.status),
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }


def status_text(status: int) -> str:
    """Return the heading of a status, for people."""
    headings = {
        400: _("请求有误"),
        401: _("请先登录"),
        403: _("没有权限"),
        404: _("没有找到"),
        405: _("请求有误"),
        409: _("没有保存"),
        413: _("文件太大"),
        422: _("请检查填写的内容"),
        429: _("请稍后再试"),
        503: _("服务暂时不可用"),
    }
    return headings.get(status, _("出错了") if status >= 500 else _("请求有误"))


def from_http(error: http.HTTPException) -> HttpProblem:
    """Return the problem that stands for an exception of aiohttp."""
    sentences = {
        404: _("没有这个页面，或者它已经被移走。"),
        405: _("这个地址不接受这种请求。"),
        413: _("文件超过了允许的大小。"),
    }
    detail = sentences.get(error.status, _("服务器不接受这个请求。"))
    allow = error.headers.get("Allow")
    return HttpProblem(
        error.status, f"http-{error.status}", detail, headers={"Allow": allow} if allow else None
    )


def unexpected() -> HttpProblem:
    """Return the answer to a fault of ours; the log has the rest."""
    return HttpProblem(
        500, "internal", _("服务器出了错，已经记录下来。您填写的内容没有保存，请稍后再试。")
    )


def unauthorised() -> HttpProblem:
    return HttpProblem(401, "not-signed-in", _("登录已失效，请重新登录。"))


def forbidden() -> HttpProblem:
    return HttpProblem(403, "forbidden", _("您的账号没有这项权限。如果需要，请联系学校管理员。"))


def not_found() -> HttpProblem:
    return HttpProblem(404, "not-found", _("没有找到您要看的内容，它可能已被移走。"))
