"""The time line of a leg as rectangles. Pure: geometry and sentences in, no markup.

Every bar is a real interval of the ledger, and every bar has a title, so that whoever doubts a
figure can point at the second it came from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.evidence.attendance import LegAttendance
from scheduler.evidence.intervals import Interval
from web.kit.words.i18n import gettext as _

WIDTH = 480.0
"""Pixels of a time line."""

THINNEST = 1.5
"""Pixels: a second of evidence in a long lesson must still be seen."""

STEPS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 15, 30, 60, 120, 240))
MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle of a lane: `kind` is "connected", "received", "shown", "heard" or "gap"."""

    kind: str
    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled moment of the axis; `anchor` is an SVG text-anchor."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The time that a lesson's line covers: the plan, widened by what really happened."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo

    def x(self, moment: datetime) -> float:
        """Return the place of a moment in pixels, cut to the line."""
        share = (moment - self.starts_at) / (self.ends_at - self.starts_at)
        return round(min(1.0, max(0.0, share)) * WIDTH, 2)


def axis_of(
    planned: Interval, actual: Interval | None, zone: ZoneInfo, more: Iterable[Interval] = ()
) -> Axis:
    """Return the axis of a lesson; never empty."""
    spans = [planned, *([actual] if actual else []), *more]
    start = min(span.starts_at for span in spans)
    end = max(span.ends_at for span in spans)
    return Axis(start, max(end, start + timedelta(minutes=1)), zone)


def ticks(axis: Axis) -> list[Tick]:
    """Return round times along the axis, at most MOST_TICKS of them."""
    length = axis.ends_at - axis.starts_at
    step = next((s for s in STEPS if length / s <= MOST_TICKS), STEPS[-1])
    local = axis.starts_at.astimezone(axis.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight + step * -(-(local - midnight) // step)
    found = []
    while moment <= axis.ends_at:
        x = axis.x(moment)
        found.append(Tick(x, f"{moment:%H:%M}", _anchor(x)))
        moment += step
    return found


def bars(axis: Axis, attendance: LegAttendance, host: bool = False) -> list[Bar]:
    """Return the bars of a leg (or of the host, who sends), what lies below first."""
    lost = [Interval(gap.starts_at, gap.ends_at) for gap in attendance.gaps]
    lanes: Sequence[tuple[str, Sequence[Interval], str]]
    if host:
        lanes = (
            ("connected", attendance.connected, _("已连接")),
            ("shown", attendance.received, _("发出画面和声音")),
            ("gap", lost, _("中断")),
        )
    else:
        lanes = (
            ("connected", attendance.connected, _("已连接")),
            ("received", attendance.received, _("收到画面和声音")),
            ("shown", attendance.shown, _("屏幕上有画面")),
            ("heard", attendance.heard, _("喇叭里有声音")),
            ("gap", lost, _("中断")),
        )
    return [bar(axis, kind, span, word) for kind, spans, word in lanes for span in spans]


def bar(axis: Axis, kind: str, span: Interval, word: str) -> Bar:
    """Return one interval as a rectangle with its title."""
    left, right = axis.x(span.starts_at), axis.x(span.ends_at)
    width = max(THINNEST, right - left)
    times = f"{_second(span.starts_at, axis.zone)}–{_second(span.ends_at, axis.zone)}"
    title = f"{word} {times} ({length_text(span.seconds)})"
    return Bar(kind, min(left, WIDTH - width), round(width, 2), title)


def length_text(seconds: float) -> str:
    """Return "38 分", "1 分 20 秒" or "40 秒"."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return _("%(s)s 秒") % {"s": rest}
    if rest == 0 or minutes >= 10:
        return _("%(m)s 分") % {"m": round(seconds / 60)}
    return _("%(m)s 分 %(s)s 秒") % {"m": minutes, "s": rest}


def _second(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%H:%M:%S")


def _anchor(x: float) -> str:
    if x < 16:
        return "start"
    return "end" if x > WIDTH - 16 else "middle"
