"""Every text that people read has its English, with the same places for names."""

import re

from babel.messages.pofile import read_po

from tests.support.messages import texts
from web.kit.words.i18n import LOCALES

PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def english() -> dict[str, tuple[str, ...]]:
    """Return msgid -> its forms."""
    with (LOCALES / "en" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        catalogue = read_po(source, locale="en")
    found = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            forms = (message.string,) if isinstance(message.string, str) else message.string
            found[key] = tuple(forms)
    return found


def test_every_text_has_its_english() -> None:
    said = english()
    missing = {text: place for text, place in texts().items() if not all(said.get(text, ("",)))}
    assert missing == {}


def test_no_translation_is_unused() -> None:
    assert set(english()) - set(texts()) == set()


def test_a_translation_keeps_the_placeholders() -> None:
    wrong = [
        (text, form)
        for text, forms in english().items()
        for form in forms
        if set(PLACES.findall(form)) != set(PLACES.findall(text))
    ]
    assert wrong == []
