"""Walking every state x event pair of a state table."""

from enum import StrEnum

import pytest

from scheduler.kernel.transitions import IllegalTransition


def table(text: str) -> dict[tuple[str, str], str]:
    rows = [row.split() for line in text.strip().splitlines() for row in line.split("|")]
    return {(state, event): after for state, event, after in rows}


def check(
    step: object, expected: dict[tuple[str, str], str], state: StrEnum, event: StrEnum
) -> None:
    after = expected.get((state.value, event.value))
    if after is not None:
        assert step(state, event).value == after  # type: ignore[operator]
        return
    with pytest.raises(IllegalTransition) as refused:
        step(state, event)  # type: ignore[operator]
    assert (refused.value.state, refused.value.event) == (state, event)
    assert str(refused.value) == f"{event.value} cannot happen to what is {state.value}"
