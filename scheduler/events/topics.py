"""What an event concerns. Whoever shows such a thing reads it again."""

from dataclasses import dataclass
from enum import StrEnum


class TopicKind(StrEnum):
    LESSON = "lesson"
    ROOM = "room"  # its day, as its terminal keeps it
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True, order=True)
class Topic:
    """One thing, written "lesson:<id>" where text is wanted."""

    kind: TopicKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def parse_topic(text: str) -> Topic:
    """Return the topic of its written form; raise ValueError for anything else."""
    kind, colon, thing = text.partition(":")
    if not colon or not thing:
        raise ValueError(f"not a topic: {text[:40]!r}")
    return Topic(TopicKind(kind), thing)


def lesson_topic(lesson_id: str) -> Topic:
    return Topic(TopicKind.LESSON, lesson_id)


def room_topic(room_id: str) -> Topic:
    return Topic(TopicKind.ROOM, room_id)


def terminal_topic(terminal_id: str) -> Topic:
    return Topic(TopicKind.TERMINAL, terminal_id)
