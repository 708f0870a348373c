"""Refusals that every use case shares. The docstring of an exception is its message."""

from scheduler.kernel.sentences import Sentence


class Refusal(Exception):
    """this was refused"""

    def __init__(self, message: str = "", sentence: Sentence | None = None) -> None:
        text = message or ("" if sentence is None else str(sentence))
        super().__init__(text or (type(self).__doc__ or "").splitlines()[0])
        self.sentence = sentence  # for the person who asked, when there is more to say


class Forbidden(Refusal):
    """not allowed for this account"""


class NotFound(Refusal):
    """no such thing"""


class Stale(Refusal):
    """somebody changed it in the meantime: read it again"""
