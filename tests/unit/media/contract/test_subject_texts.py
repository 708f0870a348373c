"""Subjects: which texts name one, and their parts."""

import pytest
from pydantic import TypeAdapter, ValidationError

from media.contract.subjects import Subject, SubjectError


@pytest.mark.parametrize(
    ("text", "kind", "id_"),
    [
        ("room:r1", "room", "r1"),
        ("person:a:b", "person", "a:b"),
        ("x:\u6559", "x", "\u6559"),
        ("k" * 16 + ":1", "k" * 16, "1"),
        ("room:" + "x" * 59, "room", "x" * 59),
    ],
)
def test_a_subject_has_a_kind_and_an_id(text: str, kind: str, id_: str) -> None:
    subject = Subject(text)
    assert (subject, subject.kind, subject.id) == (text, kind, id_)
    assert Subject(subject) is subject


@pytest.mark.parametrize(
    "text",
    ["", ":", "room", "room:", ":r1", "Room:r1", "room1:r1", "room:r 1", "room:r1\n", "room:\0",
     "room:\x7f", "room:\ud800", " room:r1", "k" * 17 + ":1", "room:" + "x" * 60],
)  # fmt: skip
def test_another_text_names_none(text: str) -> None:
    with pytest.raises(SubjectError, match=r"^this text names no subject"):
        Subject(text)


def test_rooms_and_persons_are_told_apart() -> None:
    room, person, other = Subject.room("1"), Subject.person("1"), Subject("crowd:1")
    assert (room, person) == ("room:1", "person:1")
    assert [one.is_room for one in (room, person, other)] == [True, False, False]
    assert [one.is_person for one in (room, person, other)] == [False, True, False]


def test_messages_carry_a_subject_as_text() -> None:
    adapter = TypeAdapter(Subject)
    read = adapter.validate_json('"room:r1"')
    assert (type(read), read) == (Subject, "room:r1")
    assert adapter.dump_json(read) == b'"room:r1"'
    for text in ("7", '"nobody"', "null", '["room:r1"]'):
        with pytest.raises(ValidationError):
            adapter.validate_json(text)
    with pytest.raises(ValidationError):
        adapter.validate_python(b"room:r1")
