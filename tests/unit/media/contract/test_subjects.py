"""Subjects: what names one, and what does not."""

import pytest
from pydantic import ValidationError

from media.contract.model import StrictModel
from media.contract.subjects import MAX_LENGTH, Subject, SubjectError


class Holder(StrictModel):
    subject: Subject


def test_a_subject_has_a_kind_and_an_id_and_is_its_text() -> None:
    room = Subject("room:0123456789abcdef")
    assert (room.kind, room.id, room.is_room, room.is_person) == (
        "room",
        "0123456789abcdef",
        True,
        False,
    )
    assert room == "room:0123456789abcdef" == str(room)
    assert Subject.person("p1") == Subject("person:p1")
    assert Subject.person("p1").is_person


def test_a_kind_that_we_do_not_know_is_a_subject_of_neither() -> None:
    """A newer coordinator may sign for others; the node lets them in all the same."""
    guest = Subject("guest:g1")
    assert (guest.kind, guest.is_room, guest.is_person) == ("guest", False, False)


BAD = [
    *("", "room", "room:", ":r1", "Room:r1", "room r1", "room:r 1", "room:r\n", "1:r1"),
    *("room:r\0", "room:\ud800", "room:" + "x" * MAX_LENGTH),
]


@pytest.mark.parametrize("text", BAD)
def test_what_names_no_subject_is_refused(text: str) -> None:
    with pytest.raises(SubjectError, match="names no subject"):
        Subject(text)


def test_the_longest_subject_has_64_characters() -> None:
    longest = "room:" + "x" * (MAX_LENGTH - 5)
    assert Subject(longest) == longest


def test_in_a_message_a_subject_is_read_and_written_as_its_text() -> None:
    read = Holder.model_validate_json('{"subject": "room:r1"}')
    assert read.subject.is_room
    assert read.model_dump_json() == '{"subject":"room:r1"}'
    for text in ('{"subject": "r1"}', '{"subject": 1}', '{"subject": null}'):
        with pytest.raises(ValidationError):
            Holder.model_validate_json(text)
