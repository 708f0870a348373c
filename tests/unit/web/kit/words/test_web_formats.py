"""Times, days and languages as people write them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from web.kit.words.formats import long_day, parse_day, span, week_of
from web.kit.words.i18n import choose, gettext, in_language

ZONE = ZoneInfo("Asia/Shanghai")


def test_times_are_the_countys() -> None:
    start = datetime(2026, 9, 16, 1, 50, tzinfo=UTC)
    assert span(start, start.replace(hour=2, minute=30), ZONE) == "09:50–10:30"


@pytest.mark.parametrize(("language", "words"), [("zh_CN", "9月16日 周三"), ("en", "Wed 16 Sep")])
def test_a_day_is_written_as_its_readers_do(language: str, words: str) -> None:
    with in_language(language):
        assert long_day(date(2026, 9, 16)) == words


def test_a_week_begins_on_monday() -> None:
    assert week_of(date(2026, 9, 20))[0] == date(2026, 9, 14)
    assert week_of(date(2026, 9, 14))[-1] == date(2026, 9, 20)


@pytest.mark.parametrize("text", [None, "", "tomorrow", "2026-13-01", "2026-02-30"])
def test_no_day_falls_back(text: str | None) -> None:
    assert parse_day(text, date(2026, 1, 1)) == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("cookie", "account", "accepts", "chosen"),
    [
        (None, None, None, "zh_CN"),
        (None, None, "fr-FR, de;q=0.9", "zh_CN"),
        (None, None, "en-GB,en;q=0.9", "en"),
        (None, None, "zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
        (None, None, "en;q=0.1, zh;q=0.9", "zh_CN"),
        (None, None, "en;q=x, ;;, en;q=0", "zh_CN"),
        (None, "en", "zh-CN", "en"),
        ("zh_CN", "en", "en", "zh_CN"),
        ("xx", "yy", None, "zh_CN"),
    ],
)
def test_the_language_chosen(
    cookie: str | None, account: str | None, accepts: str | None, chosen: str
) -> None:
    assert choose(("zh_CN", "en"), cookie, account, accepts) == chosen


def test_chinese_needs_no_catalogue() -> None:
    assert gettext("登录") == "登录"
    with in_language("en"):
        assert gettext("登录") == "Sign in"
    assert gettext("登录") == "登录"
