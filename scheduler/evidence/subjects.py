"""The stored form of a fact's subject: the text that the ticket had, "room:<id>" or "person:<id>".

The scheduler knows no media, so it cannot use media.contract.subjects.Subject, and it needs less:
which facts are a room's. server.jobs.evidence hands the text over unchanged. Pure.
"""

ROOM = "room:"


def room_subject(room_id: str) -> str:
    """Return the subject of a room's facts."""
    return f"{ROOM}{room_id}"


def room_of(subject: str) -> str:
    """Return the room whose subject this is, "" for a person's or the stage's own."""
    return subject.removeprefix(ROOM) if subject.startswith(ROOM) else ""
