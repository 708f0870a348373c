"""What a refused booker could take instead, ranked, with the reason for each. Pure.

The order follows who has to give something up: another room (nobody moves), another period of
the day, the same time on another taught day, and last without the legs that are taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from zoneinfo import ZoneInfo

from scheduler.booking.checks.facts import Facts
from scheduler.booking.commands import BookLesson
from scheduler.booking.conflicts import HeldClaim, Overlap, conflict_of, overlaps
from scheduler.booking.errors import Alternative, AlternativeKind, Conflict
from scheduler.booking.resources import room_resource
from scheduler.calendar.bells import PeriodSlot, slot_at
from scheduler.kernel.sentences import N_, say
from scheduler.organisation.enums import RoomKind
from scheduler.organisation.shapes import RoomView

DAYS_AHEAD = 14
PERIODS_OFFERED = 3
DAYS_OFFERED = 2


@dataclass(frozen=True)
class Search:
    """A command, its facts, and every claim that could matter in the days searched."""

    command: BookLesson
    facts: Facts
    held: Sequence[HeldClaim]
    now: datetime

    @cached_property
    def found(self) -> tuple[Overlap, ...]:
        """What stands in the way of the command itself."""
        return overlaps(self.command, self.held)

    @property
    def taken_legs(self) -> frozenset[int | None]:
        """The places of the legs that cannot come, None for the host."""
        return frozenset(one.wanted.leg for one in self.found)

    def conflicts(self) -> tuple[Conflict, ...]:
        """Return what stands in the way, with the names that people know."""
        return tuple(conflict_of(one, self.facts) for one in self.found)

    def conflicts_of_leg(self, leg: int) -> tuple[Conflict, ...]:
        """Return what stands in the way of one leg, by its place."""
        return tuple(conflict_of(one, self.facts) for one in self.found if one.wanted.leg == leg)

    def is_free(self, command: BookLesson) -> bool:
        """Tell whether nothing is in the way of a variant, and its start lies ahead."""
        return command.starts_at >= self.now and not overlaps(command, self.held)


def alternatives(search: Search) -> tuple[Alternative, ...]:
    """Return what is free instead, best first; empty when nothing is."""
    return (
        *_other_rooms(search),
        *islice(_other_periods(search), PERIODS_OFFERED),
        *islice(_other_days(search), DAYS_OFFERED),
        *_fewer_legs(search),
    )


def other_times(search: Search) -> tuple[Alternative, ...]:
    """Return only what a move can do: another period or another day."""
    return (
        *islice(_other_periods(search), PERIODS_OFFERED),
        *islice(_other_days(search), DAYS_OFFERED),
    )


def _other_rooms(search: Search) -> Iterator[Alternative]:
    """Swap each taken room for a free one of the same school; all of them or nothing."""
    command, swaps = search.command, []
    for room_id in _taken_rooms(search):
        room = _free_sibling(search, command, room_id)
        if room is None:
            return
        swaps.append((search.facts.rooms[room_id], room))
        command = _with_room(command, room_id, room.id)
    if not swaps or not search.is_free(command):
        return
    pairs = "、".join(f"{old.school_name} {old.name} → {new.name}" for old, new in swaps)
    reason = say(N_("同一时间，同校有空教室：%(rooms)s。"), rooms=pairs)
    yield Alternative(AlternativeKind.ROOM, reason, command)


def _taken_rooms(search: Search) -> list[str]:
    taken = {one.held.resource for one in search.found}
    return [room_id for room_id in search.command.room_ids if room_resource(room_id) in taken]


def _free_sibling(search: Search, command: BookLesson, room_id: str) -> RoomView | None:
    """Return the best free room of the same school: the same kind first, then the same campus."""
    taken = search.facts.rooms[room_id]
    used = set(command.room_ids)
    siblings = sorted(
        (
            room
            for room in search.facts.rooms.values()
            if room.school_id == taken.school_id
            and room.id not in used
            and room.active
            and room.kind is not RoomKind.OTHER
        ),
        key=lambda r: (r.kind is not taken.kind, r.campus_id != taken.campus_id, r.name),
    )
    busy = {
        held.resource
        for held in search.held
        if held.starts_at < command.ends_at and command.starts_at < held.ends_at
    }
    free = (room for room in siblings if room_resource(room.id) not in busy)
    return next(free, None)


def _with_room(command: BookLesson, old: str, new: str) -> BookLesson:
    if command.host_room_id == old:
        return replace(command, host_room_id=new)
    legs = tuple(replace(g, room_id=new) if g.room_id == old else g for g in command.legs)
    return replace(command, legs=legs)


def _other_periods(search: Search) -> Iterator[Alternative]:
    """Yield the free periods of the same day on the host's bell, nearest first."""
    command = search.command
    slots = _host_slots(search, search.facts.calendar.day_of(command.starts_at))
    own = slot_at(slots, command.starts_at, command.ends_at)
    nearest = sorted(slots, key=lambda slot: abs(slot.starts_at - command.starts_at))
    for slot in nearest:
        moved = _moved(command, slots, slot, own)
        if slot.number != own and search.is_free(moved):
            reason = say(N_("当天%(period)s，所有教室和教师都有空。"), period=slot.name)
            yield Alternative(AlternativeKind.PERIOD, reason, moved)


def _moved(
    command: BookLesson, slots: tuple[PeriodSlot, ...], slot: PeriodSlot, own: int | None
) -> BookLesson:
    """Return the command in another period: a whole period stays one, else the length stays."""
    exact = any(
        s.number == own and (s.starts_at, s.ends_at) == (command.starts_at, command.ends_at)
        for s in slots
    )
    ends_at = slot.ends_at if exact else slot.starts_at + (command.ends_at - command.starts_at)
    return replace(command, starts_at=slot.starts_at, ends_at=ends_at)


def _host_slots(search: Search, day: date) -> tuple[PeriodSlot, ...]:
    campus = search.facts.rooms[search.command.host_room_id].campus_id
    return search.facts.calendar.slots(day, search.facts.bells.get(campus, ()))


def _other_days(search: Search) -> Iterator[Alternative]:
    """Yield the same time of the wall clock on the next taught days of a term."""
    command, calendar = search.command, search.facts.calendar
    zone = ZoneInfo(calendar.zone)
    wall = command.starts_at.astimezone(zone)
    for ahead in range(1, DAYS_AHEAD + 1):
        day = wall.date() + timedelta(days=ahead)
        if calendar.term_of(day) is None or not calendar.is_taught(day):
            continue
        starts_at = datetime.combine(day, wall.time(), zone).astimezone(command.starts_at.tzinfo)
        ends_at = starts_at + (command.ends_at - command.starts_at)
        moved = replace(command, starts_at=starts_at, ends_at=ends_at)
        if search.is_free(moved):
            reason = say(N_("%(day)s 同一时间，所有教室和教师都有空。"), day=day.isoformat())
            yield Alternative(AlternativeKind.DAY, reason, moved)


def _fewer_legs(search: Search) -> Iterator[Alternative]:
    """Leave out the legs that are taken, when the host is free and somebody still listens."""
    taken = search.taken_legs
    if None in taken or not taken or len(taken) == len(search.command.legs):
        return
    legs = tuple(leg for n, leg in enumerate(search.command.legs) if n not in taken)
    dropped = tuple(leg.room_id for n, leg in enumerate(search.command.legs) if n in taken)
    names = "、".join(search.facts.rooms[room_id].school_name for room_id in dropped)
    reason = say(
        N_("原定时间不变，不含 %(schools)s，其余 %(count)d 个听讲端都有空。"),
        schools=names,
        count=len(legs),
    )
    fewer = replace(search.command, legs=legs)
    yield Alternative(AlternativeKind.FEWER_LEGS, reason, fewer, dropped)
