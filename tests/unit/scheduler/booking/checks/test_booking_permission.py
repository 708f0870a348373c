"""Who books what: oneself, one's own teachers, and rooms within reach."""

from dataclasses import replace

import pytest

from scheduler.access.actor import Actor, RoleInScope
from scheduler.access.roles import Role
from scheduler.booking.checks.permission import require_booking
from scheduler.booking.commands import LegRequest
from scheduler.kernel.errors import Forbidden
from tests.support.bookingfacts import COMMAND, FACTS


def actor(role: Role, *schools: str, person: str = "core-t") -> Actor:
    held = RoleInScope(role, not schools, None, frozenset(schools))
    return Actor("account", person, "login", "name", "zh_CN", (held,))


FAR = replace(COMMAND, legs=(LegRequest("far1"),))
WEST = replace(COMMAND, host_teacher_id="west-t")


def name(value: object) -> str | None:
    """Name an actor by the role alone: his schools are a set, in another order in each process."""
    return value.roles[0].role.name if isinstance(value, Actor) else None


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (actor(Role.TEACHER, "core"), COMMAND),
        (actor(Role.SCHOOL_ADMIN, "core", person="x"), COMMAND),
        (actor(Role.COMMUNITY_ADMIN, "core", "east", "west", person="x"), COMMAND),
        (actor(Role.COMMUNITY_ADMIN, "core", "east", "west", person="x"), WEST),
        (actor(Role.COUNTY_ADMIN, person="x"), FAR),
        (actor(Role.TEACHER, "core"), replace(COMMAND, host_room_id="east2")),
    ],
    ids=name,
)
def test_allowed(who: Actor, command: object) -> None:
    require_booking(who, command, FACTS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("who", "command", "sentence"),
    [
        (actor(Role.ASSISTANT, "core"), COMMAND, "您没有排课权限。"),
        (actor(Role.SUPERVISOR), COMMAND, "您没有排课权限。"),
        (actor(Role.TEACHER, "core"), WEST, "您不能为 west 排课。"),
        (actor(Role.TEACHER, "core", person="x"), COMMAND, "您不能为 core 排课。"),
        (actor(Role.SCHOOL_ADMIN, "east", person="x"), COMMAND, "您不能为 core 排课。"),
        (actor(Role.TEACHER, "core"), FAR, "far far1 不在您的教共体内。"),
        (
            actor(Role.TEACHER, "far", person="far-t"),
            replace(FAR, host_teacher_id="far-t"),
            "core rec 不在您的教共体内。",
        ),
        (
            actor(Role.TEACHER, "core"),
            replace(COMMAND, legs=(LegRequest("east1", None, "far-t"),)),
            "far 不在您的教共体内。",
        ),
        (
            actor(Role.TEACHER, "core"),
            replace(COMMAND, community_id="other"),
            "主讲教师的学校不属于这个教共体。",
        ),
    ],
    ids=name,
)
def test_forbidden_with_the_sentence_why(who: Actor, command: object, sentence: str) -> None:
    with pytest.raises(Forbidden) as refused:
        require_booking(who, command, FACTS)  # type: ignore[arg-type]
    assert str(refused.value.sentence) == sentence
