"""Sentences for people, as data: the core says what it means, the pages choose the language."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sentence:
    """A Chinese msgid with `%(name)s` places, and what goes into them.

    A page shows `gettext(sentence.text) % sentence.params`; `str(sentence)` is the Chinese.
    """

    text: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text


def N_(text: str) -> str:  # noqa: N802 - the name under which extractors find a marked text
    """Mark a text for the catalogue and return it unchanged."""
    return text


def say(text: str, **params: object) -> Sentence:
    """Return `Sentence(text, params)`; write `say(N_("..."), name=value)`."""
    return Sentence(text, params)
