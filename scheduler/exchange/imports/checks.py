"""What the shape of an import file cannot say: references, doubles, dates. Pure.

Every check yields (path, sentence); the importer turns paths into lines.
"""

from collections.abc import Iterator, Sequence
from datetime import time
from zoneinfo import available_timezones

from scheduler.access.passwords import check_strength
from scheduler.calendar.tables import DayKind
from scheduler.exchange.imports.county_file import CountyFile, FileEntry
from scheduler.kernel.sentences import N_, Sentence, say

Path = tuple[str | int, ...]
Found = Iterator[tuple[Path, Sentence]]

REFERENCES = (
    # table, key, the table it names
    ("campus", "school", "school"),
    ("campus", "bell", "bell"),
    ("room", "campus", "campus"),
    ("class", "school", "school"),
    ("person", "school", "school"),
    ("member", "community", "community"),
    ("member", "school", "school"),
    ("member", "group", "community"),
    ("agreement", "community", "community"),
    ("account", "person", "person"),
)

UNIQUE = (
    ("term", ("code",)),
    ("day", ("day",)),
    ("bell", ("code",)),
    ("school", ("code",)),
    ("campus", ("code",)),
    ("room", ("code",)),
    ("class", ("code",)),
    ("person", ("code",)),
    ("community", ("code",)),
    ("member", ("community", "school", "group")),
    ("agreement", ("community", "starts_on")),
    ("account", ("login",)),
    ("account", ("person",)),
)

SPANS = (
    ("term", "starts_on", "ends_on"),
    ("community", "starts_on", "ends_on"),
    ("member", "from_on", "until_on"),
    ("agreement", "starts_on", "ends_on"),
)


def entries(file: CountyFile, table: str) -> Sequence[FileEntry]:
    """Return the entries of a table by its name in the file."""
    found: Sequence[FileEntry] = getattr(file, "class_" if table == "class" else table)
    return found


def check(file: CountyFile, *, allow_passwords: bool) -> Found:
    """Yield everything wrong with a file whose shape is right."""
    if file.county.time_zone not in available_timezones():
        yield ("county", "time_zone"), say(N_("没有这个时区。"))
    yield from _doubles(file)
    yield from _references(file)
    yield from _spans(file)
    yield from _terms(file)
    yield from _days(file)
    yield from _bells(file)
    yield from _members(file)
    yield from _accounts(file, allow_passwords)


def _doubles(file: CountyFile) -> Found:
    for table, keys in UNIQUE:
        seen: set[tuple[object, ...]] = set()
        for number, entry in enumerate(entries(file, table)):
            value = tuple(getattr(entry, key) for key in keys)
            if value in seen:
                shown = " ".join(str(part) for part in value if part is not None)
                yield (table, number, keys[0]), say(N_("重复：%(value)s。"), value=shown)
            seen.add(value)


def _references(file: CountyFile) -> Found:
    for table, key, target in REFERENCES:
        known = _codes(file, target)
        for number, entry in enumerate(entries(file, table)):
            value = getattr(entry, key)
            if value is not None and value not in known:
                yield (table, number, key), _unknown(target, value)
    for number, account in enumerate(file.account):
        for place, grant in enumerate(account.grants):
            for target in ("community", "school"):
                value = getattr(grant, target)
                if value is not None and value not in _codes(file, target):
                    yield ("account", number, "grants", place), _unknown(target, value)


def _codes(file: CountyFile, table: str) -> set[str]:
    return {getattr(entry, "code", "") for entry in entries(file, table)}


def _unknown(table: str, value: str) -> Sentence:
    return say(N_("文件中没有 %(table)s “%(value)s”。"), table=table, value=value)


def _spans(file: CountyFile) -> Found:
    for table, first, last in SPANS:
        for number, entry in enumerate(entries(file, table)):
            starts, ends = getattr(entry, first), getattr(entry, last)
            if starts is not None and ends is not None and ends < starts:
                yield (table, number, last), say(N_("结束日期早于开始日期。"))


def _terms(file: CountyFile) -> Found:
    spans = [
        (term.starts_on.toordinal(), term.ends_on.toordinal() + 1, number)
        for number, term in enumerate(file.term)
    ]
    for number in _overlapping(spans):
        yield ("term", number, "starts_on"), say(N_("与另一个学期重叠。"))


def _days(file: CountyFile) -> Found:
    for number, day in enumerate(file.day):
        if day.kind is DayKind.MAKE_UP and day.follows_weekday is None:
            sentence = say(N_("调休上课日要写明按星期几的课表上课（1 到 7）。"))
            yield ("day", number, "follows_weekday"), sentence
        if day.kind is not DayKind.MAKE_UP and day.follows_weekday is not None:
            sentence = say(N_("只有调休上课日可以写 follows_weekday。"))
            yield ("day", number, "follows_weekday"), sentence


def _bells(file: CountyFile) -> Found:
    for number, bell in enumerate(file.bell):
        seen: set[int] = set()
        for place, period in enumerate(bell.periods):
            path: Path = ("bell", number, "periods", place)
            if period.number in seen:
                yield path, say(N_("重复：%(value)s。"), value=period.number)
            seen.add(period.number)
            if period.ends <= period.starts:
                yield path, say(N_("下课时间必须晚于上课时间。"))
            if period.starts.tzinfo is not None or period.ends.tzinfo is not None:
                yield path, say(N_("时间不要写时区。"))
        spans = [(_seconds(p.starts), _seconds(p.ends), n) for n, p in enumerate(bell.periods)]
        for place in _overlapping(spans):
            yield ("bell", number, "periods", place), say(N_("与另一节课重叠。"))


def _seconds(wall: time) -> int:
    return wall.hour * 3600 + wall.minute * 60 + wall.second


def _overlapping(spans: list[tuple[int, int, int]]) -> Iterator[int]:
    """Yield the number of each (start, end, number) that begins before an earlier one is over."""
    over: int | None = None
    for starts, ends, number in sorted(spans):
        if over is not None and starts < over:
            yield number
        over = ends if over is None else max(over, ends)


def _members(file: CountyFile) -> Found:
    below: dict[str, list[str]] = {}
    for number, member in enumerate(file.member):
        if (member.school is None) == (member.group is None):
            sentence = say(N_("成员必须是一所学校（school）或一个集团（group），二者选一。"))
            yield ("member", number, "school"), sentence
        if member.group is not None:
            below.setdefault(member.community, []).append(member.group)
    for number, member in enumerate(file.member):
        if member.group is not None and _reaches(below, member.group, member.community):
            sentence = say(N_("%(code)s 不能直接或间接包含自己。"), code=member.community)
            yield ("member", number, "group"), sentence


def _reaches(below: dict[str, list[str]], start: str, goal: str) -> bool:
    waiting, seen = [start], set[str]()
    while waiting:
        one = waiting.pop()
        if one == goal:
            return True
        if one not in seen:
            seen.add(one)
            waiting.extend(below.get(one, ()))
    return False


def _accounts(file: CountyFile, allow_passwords: bool) -> Found:
    for number, account in enumerate(file.account):
        if not allow_passwords:
            sentence = say(N_("导入文件不能包含账号和密码，账号请在系统中建立。"))
            yield ("account", number, "password"), sentence
        weak = check_strength(account.password, account.login)
        if weak is not None:
            yield ("account", number, "password"), say(weak)
        for place, grant in enumerate(account.grants):
            if grant.community is not None and grant.school is not None:
                sentence = say(N_("一个角色只能属于一个教共体或一所学校。"))
                yield ("account", number, "grants", place), sentence
