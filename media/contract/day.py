"""The answer of `GET /api/v1/terminal/day`: what a classroom terminal lives on until it asks again.

Terminals keep the last one over a power cut and a dead coordinator, so that each reads documents of
coordinators that are older and newer. Fields without a default are those that a terminal cannot do
without. Times are Unix seconds. Pure.
"""

from media.contract.model import TolerantModel


class RelayEntry(TolerantModel):
    """A relay node as a browser reaches it; `url` may be relative to the coordinator's."""

    node: str
    url: str


class DayRoom(TolerantModel):
    id: str
    name: str
    school: str = ""


class LegRoom(TolerantModel):
    """A room that follows a lesson."""

    room_id: str
    name: str
    school: str


class DayTickets(TolerantModel):
    """Signed tickets for this room's part; None for what it may not do, or not any more."""

    publish: str | None = None
    view: str | None = None


class DayLesson(TolerantModel):
    """A lesson of the room. `role` is HOST or LEG, `state` a LessonState of the scheduler; `relays`
    are its nodes in the order that everybody of the lesson is given."""

    id: str
    title: str
    subject: str = ""
    state: str
    teacher: str = ""
    host_school: str = ""
    host_room: str = ""
    role: str
    leg_id: str | None = None
    lobby_at: float
    starts_at: float
    ends_at: float
    legs: tuple[LegRoom, ...] = ()
    tickets: DayTickets
    relays: tuple[RelayEntry, ...] = ()


class DayTerminal(TolerantModel):
    id: str


class DayDocument(TolerantModel):
    """`relays` are all nodes; `refresh_after` the seconds until a terminal asks again."""

    server_time: float | None = None
    time_zone: str = ""
    terminal: DayTerminal | None = None
    room: DayRoom
    relays: tuple[RelayEntry, ...]
    lessons: tuple[DayLesson, ...]
    refresh_after: float
