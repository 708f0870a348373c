"""Whom a ticket, a connection or a fact belongs to: "room:<id>" or "person:<id>". Pure.

A subject is a `str`, so that it goes into JSON, a journal and a database as it is; only a
well-formed text becomes one. Its kind is open: a node lets in who a newer coordinator signed for.
"""

import re
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

ROOM, PERSON = "room", "person"
MAX_LENGTH = 64

_FORM = re.compile(r"([a-z]{1,16}):([^\s\x00-\x1f\x7f\ud800-\udfff]+)")


class SubjectError(ValueError):
    """this text names no subject; it is <kind>:<id>, 64 characters at most"""


class Subject(str):
    """`kind` and `id` are the text's two parts."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Return the subject that `text` names; raise SubjectError where it names none."""
        if type(text) is cls:
            return text
        if len(text) > MAX_LENGTH or not _FORM.fullmatch(text):
            raise SubjectError(SubjectError.__doc__)
        return super().__new__(cls, text)

    @classmethod
    def room(cls, id_: str) -> Self:
        return cls(f"{ROOM}:{id_}")

    @classmethod
    def person(cls, id_: str) -> Self:
        return cls(f"{PERSON}:{id_}")

    @property
    def kind(self) -> str:
        return self.partition(":")[0]

    @property
    def id(self) -> str:
        return self.partition(":")[2]

    @property
    def is_room(self) -> bool:
        return self.kind == ROOM

    @property
    def is_person(self) -> bool:
        return self.kind == PERSON

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """In messages: a text that names a subject."""
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(strict=True),
            serialization=core_schema.to_string_ser_schema(),
        )
