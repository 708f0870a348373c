"""The filters of the usage log and of the audit trail, from the address and back."""

from datetime import date
from urllib.parse import parse_qsl

import pytest

from scheduler.usage.rows import UsageFilters
from web.admin.audit import pages as audit
from web.admin.audit import words as audit_words
from web.admin.usage.filters import LONGEST, asked

TODAY = date(2026, 11, 18)


def test_without_filters_the_last_seven_days() -> None:
    wish = asked({}, TODAY)
    assert wish.filters() == UsageFilters(date(2026, 11, 12), TODAY)
    assert wish.page == 1


def test_every_filter_survives_the_address() -> None:
    query = {
        "from": "2026-11-01",
        "to": "2026-11-02",
        "school": "5" * 16,
        "community": "c" * 16,
        "teacher": "7" * 16,
        "q": "五年级 & =1",
    }
    wish = asked({**query, "page": "3"}, TODAY)
    assert dict(parse_qsl(wish.query())) == query
    assert dict(parse_qsl(wish.query(page=2))) == {**query, "page": "2"}
    assert wish.filters() == UsageFilters(
        date(2026, 11, 1), date(2026, 11, 2), "5" * 16, "c" * 16, "7" * 16, "五年级 & =1"
    )


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "9" * 30, "٣"])
def test_nonsense_is_the_first_page(page: str) -> None:
    assert asked({"page": page}, TODAY).page == 1


def test_days_are_put_in_order_and_bounded() -> None:
    turned = asked({"from": "2026-11-10", "to": "2026-11-01"}, TODAY)
    assert (turned.from_day, turned.to_day) == (date(2026, 11, 1), date(2026, 11, 10))
    endless = asked({"from": "1900-01-01", "to": "junk"}, TODAY)
    assert endless.to_day == TODAY
    assert (endless.to_day - endless.from_day).days == LONGEST


def test_audit_takes_only_actions_that_it_offers() -> None:
    wish = audit.asked({"action": "terminal.", "q": " x ", "page": "2"}, TODAY)
    assert (wish.action, wish.text, wish.page) == ("terminal.", "x", 2)
    assert audit.asked({"action": "%"}, TODAY).action == ""
    assert set(audit_words.action_words()) == set(audit_words.ACTIONS)
