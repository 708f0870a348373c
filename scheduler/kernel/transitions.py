"""State machines as tables: the one way to step through one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class IllegalTransition(Exception):
    """this cannot happen in this state"""

    def __init__(self, state: StrEnum, event: StrEnum) -> None:
        super().__init__(f"{event} cannot happen to what is {state}")
        self.state, self.event = state, event


def step(table: Mapping[S, Mapping[E, S]], state: S, event: E) -> S:
    """Return the state that follows; raise IllegalTransition where the table has none."""
    try:
        return table[state][event]
    except KeyError:
        raise IllegalTransition(state, event) from None
