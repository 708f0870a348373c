"""Typed identifiers. Every id is 16 lower-case hexadecimal digits from a CSPRNG."""

import secrets
from typing import NewType

CountyId = NewType("CountyId", str)
CommunityId = NewType("CommunityId", str)
SchoolId = NewType("SchoolId", str)
CampusId = NewType("CampusId", str)
RoomId = NewType("RoomId", str)
ClassGroupId = NewType("ClassGroupId", str)
PersonId = NewType("PersonId", str)
AccountId = NewType("AccountId", str)
TerminalId = NewType("TerminalId", str)
LessonId = NewType("LessonId", str)
LegId = NewType("LegId", str)
NodeId = NewType("NodeId", str)


def new_id() -> str:
    """Return a fresh id; 64 random bits are unguessable enough for a name, never for a secret."""
    return secrets.token_hex(8)
