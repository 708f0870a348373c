"""Text in the reader's language. msgids are Chinese, so zh_CN needs no catalogue.

Catalogues are read from `locales/<language>/LC_MESSAGES/messages.po` at start-up and compiled in
memory. The language of the current request lives in a context variable, so `gettext` can be called
anywhere below a handler.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parents[2] / "locales"
DEFAULT = "zh_CN"
LANGUAGE_COOKIE = "tongke_language"

_current: ContextVar[str] = ContextVar("language", default=DEFAULT)


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the compiled catalogue; the empty one for Chinese. Raise OSError when it lacks."""
    if language == DEFAULT:
        return NullTranslations()
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        messages = read_po(source, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)


def language() -> str:
    """Return the language of the current request."""
    return _current.get()


@contextmanager
def in_language(chosen: str) -> Iterator[None]:
    """Make `chosen` the language inside the block."""
    mark = _current.set(chosen)
    try:
        yield
    finally:
        _current.reset(mark)


def gettext(message: str) -> str:
    """Return `message` (Chinese) in the current language."""
    return catalogue(_current.get()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the form of `singular`/`plural` that fits `number`."""
    return catalogue(_current.get()).ngettext(singular, plural, number)


def choose(
    offered: tuple[str, ...], cookie: str | None, account: str | None, accepts: str | None
) -> str:
    """Return the language: the switch last used, the account's, the browser's, else Chinese."""
    for wanted in (cookie, account):
        if wanted in offered:
            return str(wanted)
    for wanted in _by_quality(accepts or ""):
        for candidate in offered:
            if candidate.split("_")[0] == wanted.split("-")[0].lower():
                return candidate
    return offered[0]


def _by_quality(header: str) -> list[str]:
    """Return the tags of an Accept-Language header, the most wanted first."""
    weighed = []
    for part in header.split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        try:
            weighed.append((float(quality) if quality else 1.0, tag))
        except ValueError:
            continue  # a malformed weight is ignored
    return [tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0 and tag]


LANGUAGE_NAMES: Mapping[str, str] = {"zh_CN": "中文", "en": "English"}
"""How each language calls itself on the switch."""
