"""Refuses what no honest client sends and no database stores: NUL, and bytes that are not text.

Said once here, so that no handler meets half a surrogate pair or an address that cannot be read.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from aiohttp import web as http

from web.kit.middleware import Handler
from web.kit.problems import HttpProblem
from web.kit.words.i18n import gettext as _

READ = ("Authorization", "Origin", "X-CSRF-Token", "X-Forwarded-For")
"""Headers that decide something; the others may hold what they like."""

FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


@http.middleware
async def plain(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Answer 400 for a request whose path, query, fields or deciding headers are not plain text."""
    texts = [request.path, *request.query.keys(), *request.query.values()]
    texts += [value for name in READ for value in request.headers.getall(name, ())]
    if request.method == "POST" and request.content_type in FORMS:
        fields = await _fields(request)
        texts += [text for pair in fields for text in pair]
    if not all_storable(texts) or not _is_address(request.headers.get("Origin", "")):
        raise malformed()
    return await handler(request)


async def _fields(request: http.Request) -> list[tuple[str, str]]:
    try:
        fields = await request.post()
    except (ValueError, LookupError, ConnectionError):  # a torn body, an unknown charset
        raise malformed() from None
    return [(name, value) for name, value in fields.items() if isinstance(value, str)]


def malformed() -> HttpProblem:
    return HttpProblem(400, "malformed", _("请求中有无法识别的字符。"))


def storable(text: str) -> str:
    """Return the text without what a database refuses."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def all_storable(words: Iterable[str]) -> bool:
    return all(word == storable(word) for word in words)


def _is_address(origin: str) -> bool:
    try:
        urlsplit(origin)
    except ValueError:
        return False
    return True
