"""What a lesson claims: one room, person or class at a time. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class ResourceKind(StrEnum):
    """In the order in which conflicts are read: the room is what a booker can change."""

    ROOM = "room"
    PERSON = "person"
    CLASS = "class"


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """One scarce thing, written "room:<id>" where text is wanted. Sorts as its text does."""

    kind: ResourceKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def parse_resource(text: str) -> Resource:
    """Return the resource of its written form; raise ValueError for anything else."""
    kind, colon, thing = text.partition(":")
    if not colon or not thing:
        raise ValueError(f"not a resource: {text[:40]!r}")
    return Resource(ResourceKind(kind), thing)


def room_resource(room_id: str) -> Resource:
    return Resource(ResourceKind.ROOM, room_id)


def person_resource(person_id: str) -> Resource:
    return Resource(ResourceKind.PERSON, person_id)


def class_resource(class_id: str) -> Resource:
    return Resource(ResourceKind.CLASS, class_id)
