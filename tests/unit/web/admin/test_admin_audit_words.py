"""The audit trail in words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from scheduler.audit.reading import AuditView
from scheduler.events.kinds import BY_ITSELF, EventKind
from web.admin.audit.words import action_word, event_text, lesson_id
from web.kit.words.i18n import in_language

ZONE = ZoneInfo("Asia/Shanghai")


def event(action: str, summary: str = "", moved_from: str = "", **after: object) -> AuditView:
    at = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
    before = {"starts_at": moved_from} if moved_from else {}
    return AuditView(1, at, "王老师", "wang", action, "o1", summary, "", before, after)


def test_every_action_that_is_recorded_has_a_word() -> None:
    actions = [kind for kind in EventKind if kind not in BY_ITSELF]
    with in_language("zh_CN"):
        assert [action for action in actions if action_word(action) == action] == []


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
