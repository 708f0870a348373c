"""An import file: every problem at once, each with its line and field, in plain words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.exchange.imports.importer import ImportRefused, parse_county
from scheduler.exchange.imports.toml_lines import LineMap, syntax_line
from tests.support.county import county_text

LEIZHOU = Path(__file__).parents[4] / "examples" / "leizhou.toml"

GOOD = """[county]
code = "demo"
name = "演示县"

[[school]]
code = "core"
name = "中心校"
tier = "TOWN"
stage = "PRIMARY"

[[campus]]
code = "core-c"
school = "core"
name = "本部"

[[room]]
code = "core-1"
campus = "core-c"
name = "互动教室"
kind = "INTERACTIVE"
"""

ACCOUNT = """
[[person]]
code = "p"
name = "陈老师"
[[account]]
login = "chen"
person = "p"
password = "a-long-enough-1"
grants = [{ role = "TEACHER", school = "core" }]
"""


def refused(text: str, *, allow_passwords: bool = False) -> list[tuple[int, str, str]]:
    with pytest.raises(ImportRefused) as error:
        parse_county(text, allow_passwords=allow_passwords)
    return [(one.line, one.field, one.message) for one in error.value.problems]


def test_good_files_are_accepted() -> None:
    assert parse_county(GOOD).file.room[0].code == "core-1"
    assert len(parse_county(county_text()).file.school) == 4
    assert parse_county("\ufeff" + GOOD).file.county.code == "demo"  # as Windows editors save it


def test_leizhou_is_what_the_public_plan_says() -> None:
    file = parse_county(LEIZHOU.read_text(encoding="utf-8"), allow_passwords=True).file
    names = {school.code: school.name for school in file.school}
    groups = {c.code: c.name for c in file.community}
    members = {
        code: [groups[m.group] if m.group else names[m.school or ""] for m in file.member
               if m.community == code]
        for code in groups
    }  # fmt: skip
    assert members["lz01-community"] == [
        "雷州市第一小学教育集团", "附城镇中心小学", "附城镇城北小学", "附城镇山柑小学",
    ]  # fmt: skip
    assert members["lz12-community"] == [
        "雷州市第十二小学教育集团", "龙门镇中心小学", "龙门镇第二小学", "龙门镇德地小学",
    ]  # fmt: skip
    assert members["lz01-group"] == [
        "雷州市第一小学", "雷州市第十四小学", "雷州市第十五小学", "雷州市第十六小学",
    ]  # fmt: skip
    assert members["lz12-group"] == ["雷州市第十二小学", "雷州市第十一小学", "雷州市第十三小学"]
    assert len(names) == 13


def test_everything_made_up_in_leizhou_says_so() -> None:
    file = parse_county(LEIZHOU.read_text(encoding="utf-8"), allow_passwords=True).file
    made_up = [*file.room, *file.class_, *file.person, *file.bell, *file.term, *file.campus]
    assert [one.name for one in made_up if "演示" not in one.name] == []
    assert [a.note for a in file.agreement if a.ends_on.year > 2025 and "演示" not in a.note] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('kind = "INTERACTIVE"', 'kind = "BIG"',
         [(20, "room[1].kind", "只能是 INTERACTIVE / RECORDING / OTHER。")]),
        ('name = "互动教室"\n', "", [(16, "room[1].name", "缺少这一项。")]),
        ('name = "互动教室"', 'name = "互动教室"\nseat = 4',
         [(20, "room[1].seat", "不认识这一项。")]),
        ('name = "互动教室"', "name = 4", [(19, "room[1].name", "应为文字。")]),
        ('name = "互动教室"', 'name = ""',
         [(19, "room[1].name", "太短，至少 1 个字。")]),
        ('name = "互动教室"', 'name = "互动教室"\nseats = "40"',
         [(20, "room[1].seats", "应为整数。")]),
        ('name = "互动教室"', 'name = "互动教室"\nseats = -1',
         [(20, "room[1].seats", "不能小于 0。")]),
        ('name = "互动教室"', 'name = "互动教室"\nactive = 1',
         [(20, "room[1].active", "应为 true 或 false。")]),
        ('name = "互动教室"', 'name = "互动教室"\nsource_url = "http://u:p@h/x"',
         [(20, "room[1].source_url", "写法不对。")]),
        ('name = "互动教室"', 'name = "互动教室"\nsource_url = "rtsp://u:p@h/x y"',
         [(20, "room[1].source_url", "写法不对。")]),
        ('code = "core-1"', 'code = "core 1"', [(17, "room[1].code", "写法不对。")]),
        ('campus = "core-c"', 'campus = "?"', [(18, "room[1].campus", "写法不对。")]),
        ('campus = "core-c"', 'campus = "east-c"',
         [(18, "room[1].campus", "文件中没有 campus “east-c”。")]),
        ("[[campus]]", "[[campuses]]", [
            (11, "campuses", "不认识这一项。")]),
        ("[[room]]", "[room]", [(16, "room", "应为列表。")]),
        ("[county]", "[county]\ntime_zone = \"Mars/Olympus\"",
         [(2, "county.time_zone", "没有这个时区。")]),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_a_mistake_is_named_by_line_and_field(
    old: str, new: str, expected: list[tuple[int, str, str]]
) -> None:
    assert refused(GOOD.replace(old, new)) == expected


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ('[[room]]\ncode = "core-1"\ncampus = "core-c"\nname = "x"\nkind = "OTHER"',
         [(22, "room[2].code", "重复：core-1。")]),
        ('[[day]]\nday = 2026-10-10\nkind = "MAKE_UP"',
         [(21, "day[1].follows_weekday", "调休上课日要写明按星期几的课表上课（1 到 7）。")]),
        ('[[day]]\nday = 2026-10-10\nkind = "HOLIDAY"\nfollows_weekday = 1',
         [(24, "day[1].follows_weekday", "只有调休上课日可以写 follows_weekday。")]),
        ('[[day]]\nday = "2026-10-10"\nkind = "HOLIDAY"',
         [(22, "day[1].day", "应为日期，例如 2026-09-01。")]),
        ('[[term]]\ncode = "a"\nname = "a"\nstarts_on = 2026-09-01\nends_on = 2026-08-01',
         [(25, "term[1].ends_on", "结束日期早于开始日期。")]),
        ('[[term]]\ncode = "a"\nname = "a"\nstarts_on = 2026-09-01\nends_on = 2026-12-01\n'
         '[[term]]\ncode = "b"\nname = "b"\nstarts_on = 2026-12-01\nends_on = 2027-01-01',
         [(29, "term[2].starts_on", "与另一个学期重叠。")]),
        ('[[bell]]\ncode = "b"\nname = "b"\nperiods = []',
         [(24, "bell[1].periods", "至少要有一项。")]),
        ('[[bell]]\ncode = "b"\nname = "b"\nperiods = [\n'
         '  { number = 1, name = "1", starts = 08:00:00, ends = 08:40:00 },\n'
         '  { number = 1, name = "2", starts = 08:30:00, ends = 08:20:00 },\n]',
         [(26, "bell[1].periods[2]", "重复：1。"),
          (26, "bell[1].periods[2]", "下课时间必须晚于上课时间。"),
          (26, "bell[1].periods[2]", "与另一节课重叠。")]),
        ('[[community]]\ncode = "c"\nname = "c"\nkind = "GROUP"\n'
         '[[member]]\ncommunity = "c"\nrole = "CORE"',
         [(25, "member[1].school", "成员必须是一所学校（school）或一个集团（group），二者选一。")]),
        ('[[community]]\ncode = "c"\nname = "c"\nkind = "GROUP"\n'
         '[[member]]\ncommunity = "c"\ngroup = "c"\nrole = "CORE"',
         [(27, "member[1].group", "c 不能直接或间接包含自己。")]),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_the_shape_cannot_say_is_checked_too(
    added: str, expected: list[tuple[int, str, str]]
) -> None:
    assert refused(f"{GOOD}{added}\n") == expected


def test_all_problems_come_at_once_in_the_order_of_lines() -> None:
    text = GOOD.replace('tier = "TOWN"', 'tier = "CITY"').replace('campus = "core-c"', "campus = 1")
    assert [line for line, _, _ in refused(text.replace('name = "演示县"', "name = 2"))] == [
        3,
        8,
        18,
    ]


def test_broken_toml_is_named_by_its_line() -> None:
    ((line, field, message),) = refused(GOOD.replace('code = "core-1"', 'code = "core-1'))
    assert (line, field) == (17, "")
    assert message.startswith("不是正确的 TOML：")


def test_a_file_without_bounds_is_refused_unread() -> None:
    assert refused("#" * 2_000_001) == [(1, "", "文件过长，最多 2000000 个字符。")]


def test_accounts_are_for_demonstrations_only() -> None:
    assert parse_county(GOOD + ACCOUNT, allow_passwords=True).file.account[0].login == "chen"
    assert refused(GOOD + ACCOUNT) == [
        (28, "account[1].password", "导入文件不能包含账号和密码，账号请在系统中建立。")
    ]


def test_a_weak_password_is_refused_even_in_a_demonstration() -> None:
    text = GOOD + ACCOUNT.replace("a-long-enough-1", "aaaaaaaaaaa")
    ((line, field, _),) = refused(text, allow_passwords=True)
    assert (line, field) == (28, "account[1].password")


def test_a_grant_names_what_the_file_defines() -> None:
    text = GOOD + ACCOUNT.replace('school = "core"', 'school = "west"')
    assert refused(text, allow_passwords=True) == [
        (29, "account[1].grants[1]", "文件中没有 school “west”。")
    ]


@given(st.text(max_size=200))
def test_no_text_breaks_the_importer(text: str) -> None:
    for problem in refused(text):
        assert problem[0] >= 1


@given(st.integers(min_value=0, max_value=len(GOOD) - 1), st.text(max_size=3))
def test_a_damaged_file_is_accepted_or_refused_but_never_breaks(place: int, noise: str) -> None:
    damaged = GOOD[:place] + noise + GOOD[place + 1 :]
    try:
        plan = parse_county(damaged)
    except ImportRefused:
        assert refused(damaged) != []
    else:
        assert plan.file.county.code != ""


def test_lines_are_found_past_texts_of_several_lines() -> None:
    text = 'a = """\n[[room]]\ncode = 1\n"""\n[[room]]\ncode = 2\n[[room]]\nname = 3\n'
    lines = LineMap(text)
    assert [lines.find(("room", 0, "code")), lines.find(("room", 1, "name"))] == [6, 8]
    assert lines.find(("room", 1, "code")) == 7  # missing: the line of its table
    assert lines.find(("a",)) == 1
    assert lines.find(("nowhere", 3)) == 1


def test_the_syntax_line_is_read_from_the_message() -> None:
    assert syntax_line("Invalid value (at line 12, column 3)") == 12
    assert syntax_line("Unclosed array (at end of document)") == 1
