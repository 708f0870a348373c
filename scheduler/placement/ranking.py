"""Which relay node carries a lesson: the one with the least to do. Pure.

A node's load is a share of what it takes: the most members (rooms and host) that the lessons placed
on it have at one moment of the new lesson's time, over the number it may have. Every member costs
the same bit rate (`max_bitrate` of its node), which cancels out. What a node does besides, by its
own word, is added where it is more than noise.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.lessons.states import LessonState

NOISE = 0.1
"""A tenth of a core: reports, garbage collection and a page's questions are no load."""


@dataclass(frozen=True, slots=True)
class NodeVitals:
    """A node as it was last heard of. `capacity` are the members that it takes (`max_peers`);
    `busy` the cores that its process kept busy in the last seconds.
    """

    id: str
    capacity: int
    alive: bool = True
    draining: bool = False
    busy: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether a new lesson may come here."""
        return self.alive and not self.draining


@dataclass(frozen=True, slots=True)
class Demand:
    """A lesson's time [starts_at, ends_at), its members, and its node ("" for none yet)."""

    lesson_id: str
    starts_at: datetime
    ends_at: datetime
    members: int
    node_id: str = ""


def place(
    lesson: Demand, nodes: Sequence[NodeVitals], others: Collection[Demand], now: datetime
) -> str | None:
    """Return the node for `lesson`; None where there are no nodes.

    `others` are the lessons placed so far that overlap it or run at `now`. A draining node comes
    after all usable ones, a dead one last; equals go by the order of `nodes`.
    """
    ranked = sorted(
        nodes, key=lambda node: (not node.alive, node.draining, load(node, lesson, others, now))
    )
    return ranked[0].id if ranked else None


def load(node: NodeVitals, lesson: Demand, others: Collection[Demand], now: datetime) -> float:
    """Return the share of `node` that is taken at the busiest moment of `lesson`, with it."""
    here = [other for other in others if other.node_id == node.id]
    planned = busiest(here, lesson.starts_at, lesson.ends_at) + lesson.members
    running = sum(other.members for other in here if other.starts_at <= now < other.ends_at)
    unexplained = node.busy - running / node.capacity
    return planned / node.capacity + (unexplained if unexplained > NOISE else 0.0)


def busiest(lessons: Collection[Demand], starts_at: datetime, ends_at: datetime) -> int:
    """Return the most members at one moment of [starts_at, ends_at)."""
    inside = [one for one in lessons if one.starts_at < ends_at and one.ends_at > starts_at]
    moments = {max(one.starts_at, starts_at) for one in inside}
    return max(
        (
            sum(one.members for one in inside if one.starts_at <= moment < one.ends_at)
            for moment in moments
        ),
        default=0,
    )


def may_move(state: LessonState, opens_at: datetime, now: datetime) -> bool:
    """Whether a placed lesson may still get another node: nobody has gone to this one yet.

    `opens_at` is when its lobby opens.
    """
    return state is LessonState.BOOKED and now < opens_at


def in_order(lesson_id: str, first: str | None, node_ids: Collection[str]) -> tuple[str, ...]:
    """Return every node, `first` (if it is one) at the head and the others as the lesson's id has
    it: the same for everybody, and another for each lesson, so that the lessons of a node that
    dies do not all go to one neighbour.
    """

    def rank(node_id: str) -> tuple[bool, bytes]:
        return node_id != first, hashlib.sha256(f"{lesson_id} {node_id}".encode()).digest()

    return tuple(sorted(node_ids, key=rank))
