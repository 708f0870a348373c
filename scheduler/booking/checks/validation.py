"""What is wrong with a command, all at once. Pure: facts and `now` in, problems out.

A problem refuses. A warning is shown and the booking stands (docs/booking.md): county events do
take place on a Saturday.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.booking.checks.facts import Facts
from scheduler.booking.commands import MOST_LEGS, BookLesson
from scheduler.booking.errors import BookingProblem
from scheduler.kernel.sentences import N_, Sentence, say
from scheduler.kernel.text import is_plain


@dataclass(frozen=True, slots=True)
class Limits:
    """How a lesson may lie in time."""

    shortest: timedelta = timedelta(minutes=1)  # rehearsals and demonstrations are short
    longest: timedelta = timedelta(hours=12)  # well within the 24 h that a claim may last
    late_start: timedelta = timedelta(minutes=10)  # an ad-hoc class is entered as it begins
    furthest: timedelta = timedelta(days=400)  # a school year ahead
    legs: int = MOST_LEGS
    text: int = 120


LIMITS = Limits()


def tidy(command: BookLesson) -> BookLesson:
    """Return the command with its texts on one line, without blanks around or doubled."""
    title, subject = " ".join(command.title.split()), " ".join(command.subject.split())
    return replace(command, title=title, subject=subject)


def time_problems(
    starts_at: datetime, ends_at: datetime, now: datetime, limits: Limits = LIMITS
) -> Iterator[BookingProblem]:
    """Yield what is wrong with [starts_at, ends_at) as seen at `now`."""
    if starts_at.utcoffset() is None or ends_at.utcoffset() is None:
        yield _problem("NAIVE_TIME", "starts_at", say(N_("时间缺少时区。")))
        return
    minutes = int(limits.shortest.total_seconds() // 60)
    hours = int(limits.longest.total_seconds() // 3600)
    if ends_at <= starts_at:
        yield _problem("EMPTY_TIME", "ends_at", say(N_("下课时间必须晚于上课时间。")))
    elif ends_at - starts_at < limits.shortest:
        yield _problem(
            "TOO_SHORT", "ends_at", say(N_("一节课至少 %(minutes)d 分钟。"), minutes=minutes)
        )
    elif ends_at - starts_at > limits.longest:
        yield _problem("TOO_LONG", "ends_at", say(N_("一节课最多 %(hours)d 小时。"), hours=hours))
    if starts_at < now - limits.late_start or ends_at <= now:
        yield _problem("PAST", "starts_at", say(N_("上课时间已经过去。")))
    if starts_at > now + limits.furthest:
        yield _problem("TOO_FAR", "starts_at", say(N_("上课时间太远，最多提前一学年预约。")))


def problems(
    command: BookLesson, facts: Facts, now: datetime, limits: Limits = LIMITS
) -> tuple[BookingProblem, ...]:
    """Return everything that refuses the command, in the order of the form's fields."""
    return (
        *_text_problems(command, limits),
        *time_problems(command.starts_at, command.ends_at, now, limits),
        *_unknown(command, facts),
        *_room_problems(command, facts),
        *_leg_problems(command, facts, limits),
        *_repetitions(command),
    )


def _text_problems(command: BookLesson, limits: Limits) -> Iterator[BookingProblem]:
    for field, text in (("title", command.title), ("subject", command.subject)):
        if len(text) > limits.text:
            sentence = say(N_("文字过长，最多 %(count)d 个字。"), count=limits.text)
            yield _problem("TOO_LONG_TEXT", field, sentence)
        if not is_plain(text):
            yield _problem("BAD_TEXT", field, say(N_("文字中有不能保存的字符。")))
    if not command.title:
        yield _problem("NO_TITLE", "title", say(N_("请填写课题。")))
    if not command.subject:
        yield _problem("NO_SUBJECT", "subject", say(N_("请填写学科。")))
    if not 1 <= len(command.idempotency_key) <= 64 or not is_plain(command.idempotency_key):
        sentence = say(N_("提交编号无效，请重新打开页面。"))
        yield _problem("BAD_KEY", "idempotency_key", sentence)


def _unknown(command: BookLesson, facts: Facts) -> Iterator[BookingProblem]:
    if command.community_id is not None and command.community_id not in facts.communities:
        yield _problem("UNKNOWN_COMMUNITY", "community_id", say(N_("没有这个教共体。")))
    if command.host_room_id not in facts.rooms:
        yield _problem("UNKNOWN_ROOM", "host_room_id", say(N_("没有这间教室。")))
    if command.host_teacher_id not in facts.people:
        yield _problem("UNKNOWN_PERSON", "host_teacher_id", say(N_("没有这位教师。")))
    if command.host_class_id is not None and command.host_class_id not in facts.classes:
        yield _problem("UNKNOWN_CLASS", "host_class_id", say(N_("没有这个班级。")))
    for number, leg in enumerate(command.legs):
        if leg.room_id not in facts.rooms:
            yield _problem("UNKNOWN_ROOM", f"legs.{number}.room_id", say(N_("没有这间教室。")))
        if leg.class_id is not None and leg.class_id not in facts.classes:
            yield _problem("UNKNOWN_CLASS", f"legs.{number}.class_id", say(N_("没有这个班级。")))
        if leg.assistant_id is not None and leg.assistant_id not in facts.people:
            sentence = say(N_("没有这位教师。"))
            yield _problem("UNKNOWN_PERSON", f"legs.{number}.assistant_id", sentence)


def _room_problems(command: BookLesson, facts: Facts) -> Iterator[BookingProblem]:
    fields = ("host_room_id", *(f"legs.{n}.room_id" for n in range(len(command.legs))))
    for field, room_id in zip(fields, command.room_ids, strict=True):
        room = facts.rooms.get(room_id)
        if room is not None and not room.active:
            sentence = say(N_("%(room)s 已停用。"), room=room.name)
            yield _problem("INACTIVE_ROOM", field, sentence)
    seats = (
        (command.host_class_id, command.host_room_id, "host_class_id"),
        *((leg.class_id, leg.room_id, f"legs.{n}.class_id") for n, leg in enumerate(command.legs)),
    )
    for class_id, room_id, field in seats:
        group, room = facts.classes.get(class_id or ""), facts.rooms.get(room_id)
        if group is not None and room is not None and group.school_id != room.school_id:
            sentence = say(
                N_("%(class_name)s 不是 %(school)s 的班级。"),
                class_name=group.name,
                school=room.school_name,
            )
            yield _problem("CLASS_ELSEWHERE", field, sentence)


def _leg_problems(command: BookLesson, facts: Facts, limits: Limits) -> Iterator[BookingProblem]:
    if not command.legs:
        yield _problem("NO_LEGS", "legs", say(N_("请至少选择一间听讲教室。")))
    if len(command.legs) > limits.legs:
        sentence = say(N_("一节课最多 %(count)d 个听讲端。"), count=limits.legs)
        yield _problem("TOO_MANY_LEGS", "legs", sentence)
    for number, leg in enumerate(command.legs):
        if leg.room_id == command.host_room_id:
            sentence = say(N_("听讲教室不能与主讲教室相同。"))
            yield _problem("LEG_IS_HOST", f"legs.{number}.room_id", sentence)


def _repetitions(command: BookLesson) -> Iterator[BookingProblem]:
    legs = Counter(leg.room_id for leg in command.legs)
    if any(count > 1 for count in legs.values()):
        yield _problem("ROOM_TWICE", "legs", say(N_("同一间教室选了两次。")))
    if any(count > 1 for count in Counter(command.person_ids).values()):
        sentence = say(N_("同一位教师不能同时在两个教室。"))
        yield _problem("PERSON_TWICE", "legs", sentence)
    if any(count > 1 for count in Counter(command.class_ids).values()):
        sentence = say(N_("同一个班级不能同时在两个教室。"))
        yield _problem("CLASS_TWICE", "legs", sentence)


def _problem(code: str, field: str, sentence: Sentence) -> BookingProblem:
    return BookingProblem(code, field, sentence)
