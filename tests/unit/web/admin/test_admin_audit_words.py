"""The audit trail in words."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.audit.reading import AuditView
from web.admin.audit.words import action_word, event_text, lesson_id
from web.kit.words.i18n import in_language

ROOT = Path(__file__).parents[4]
ZONE = ZoneInfo("Asia/Shanghai")
RECORDED = re.compile(r'\brecord\([^"]{0,150}"([a-z_]+\.[a-z_]+)"')


def event(action: str, summary: str = "", **data: object) -> AuditView:
    at = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
    return AuditView("e", at, "王老师", "wang", action, "o1", summary, "", data)


def test_every_action_that_is_recorded_has_a_word() -> None:
    sources = [path for name in ("scheduler", "web") for path in (ROOT / name).rglob("*.py")]
    actions = {found for path in sources for found in RECORDED.findall(path.read_text("utf-8"))}
    assert {"lesson.patrol", "session.refused", "organisation.import"} <= actions
    with in_language("zh_CN"):
        assert [action for action in sorted(actions) if action_word(action) == action] == []


def test_times_are_shown_in_the_zone_of_the_county() -> None:
    booked = event("lesson.book", "草原", starts_at="2026-11-21T19:02:00+00:00", legs=2)
    moved = event(
        "lesson.move",
        "草原",
        moved_from="2026-11-20T00:00:00+00:00",
        starts_at="2026-11-21T19:02:00+00:00",
    )
    with in_language("zh_CN"):
        assert event_text(booked, ZONE) == "草原 · 11月22日 周日 03:02"
        assert event_text(moved, ZONE) == "草原 · 11月20日 周五 08:00 → 11月22日 周日 03:02"
    with in_language("en"):
        assert event_text(booked, ZONE) == "草原 · Sun 22 Nov 03:02"


def test_counts_and_reasons_are_sentences() -> None:
    imported = event("organisation.import", "雷州市", created=269, updated=0, unchanged=1)
    cancelled = event("lesson.cancel", "草原", reason="停电")
    with in_language("zh_CN"):
        assert event_text(imported, ZONE) == "雷州市 · 新增 269 项，更新 0 项，1 项没有变化。"
        assert event_text(cancelled, ZONE) == "草原 · 原因：停电"
        assert event_text(event("session.begin"), ZONE) == ""
    assert (lesson_id(cancelled), lesson_id(imported)) == ("o1", "")
