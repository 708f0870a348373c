"""Refusals that every use case shares. The docstring of an exception is its message."""


class Refusal(Exception):  # noqa: N818 - the design's word
    """this was refused"""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").splitlines()[0])


class Forbidden(Refusal):
    """not allowed for this account"""


class NotFound(Refusal):
    """no such thing"""


class Stale(Refusal):
    """somebody changed it in the meantime: read it again"""
