"""The state of a terminal as people see it: one that is too old counts as OFFLINE. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.organisation.enums import RoomKind
from scheduler.organisation.shapes import RoomView
from scheduler.terminals.shapes import TerminalView
from scheduler.terminals.states import TerminalState
from web.kit.words.i18n import gettext as _

YOUNG = timedelta(seconds=75)
"""Terminals report every 15 s and are stored every 30 s: two reports may be lost."""

NO_TERMINAL = "NONE"
"""The filter's word for rooms without a terminal."""


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room with its terminal; `state` is None where it has none."""

    room: RoomView
    terminal: TerminalView | None
    state: TerminalState | None

    @property
    def trouble(self) -> bool:
        return self.state in (None, TerminalState.OFFLINE, TerminalState.FAULT)


def state_now(terminal: TerminalView, now: datetime) -> TerminalState:
    """Return the terminal's state, OFFLINE when it has sent nothing for YOUNG."""
    if terminal.last_seen_at is None or now - terminal.last_seen_at > YOUNG:
        return TerminalState.OFFLINE
    return terminal.state


def room_states(
    rooms: Iterable[RoomView], terminals: Iterable[TerminalView], now: datetime
) -> list[RoomState]:
    """Return every room that takes part in lessons, in the order of `rooms`."""
    by_room = {terminal.room.id: terminal for terminal in terminals}
    found = []
    for room in rooms:
        terminal = by_room.get(room.id)
        if terminal is None and room.kind is RoomKind.OTHER:
            continue  # a hall that nobody equipped is no trouble
        state = state_now(terminal, now) if terminal else None
        found.append(RoomState(room, terminal, state))
    return found


def counts(states: Iterable[RoomState]) -> Mapping[str, int]:
    """Return how many rooms are in each state, under the words of the filter."""
    return Counter(state_word(state) for state in states)


def state_word(state: RoomState) -> str:
    """Return what the filter calls a room's state."""
    return NO_TERMINAL if state.state is None else state.state.value


def remark(terminal: TerminalView) -> str:
    """Return what the terminal itself complains about, or an empty text."""
    if terminal.state is not TerminalState.FAULT:
        return ""
    code = str(terminal.detail.get("fault") or "")
    sentences = {
        "A01": _("浏览器太旧"),
        "C01": _("浏览器不允许使用摄像头（需要 https）"),
        "C02": _("摄像头或麦克风未被允许"),
        "C03": _("没有摄像头"),
        "C04": _("没有麦克风"),
        "C05": _("摄像头被占用"),
        "C06": _("摄像头或麦克风的线断开"),
        "L01": _("课堂在另一个窗口打开"),
    }
    return f"{sentences.get(code, _('终端故障'))} {code}".strip()
