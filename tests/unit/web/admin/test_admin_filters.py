"""The filters of the usage log and of the audit trail, from the address and back."""

from datetime import date
from urllib.parse import parse_qsl

import pytest

from scheduler.usage.rows import UsageFilters
from web.admin.audit import pages as audit
from web.admin.audit import words as audit_words
from web.admin.usage.filters import LONGEST, usage_query

TODAY = date(2026, 11, 18)


def test_without_filters_the_last_seven_days() -> None:
    found = usage_query({}, TODAY)
    assert found.filters() == UsageFilters(date(2026, 11, 12), TODAY)
    assert found.page == 1


def test_every_filter_survives_the_address() -> None:
    query = {
        "from": "2026-11-01",
        "to": "2026-11-02",
        "school": "5" * 16,
        "community": "c" * 16,
        "teacher": "7" * 16,
        "q": "五年级 & =1",
    }
    found = usage_query({**query, "page": "3"}, TODAY)
    assert dict(parse_qsl(found.encoded())) == query
    assert dict(parse_qsl(found.encoded(page=2))) == {**query, "page": "2"}
    assert found.filters() == UsageFilters(
        date(2026, 11, 1), date(2026, 11, 2), "5" * 16, "c" * 16, "7" * 16, "五年级 & =1"
    )


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "9" * 30, "٣"])
def test_nonsense_is_the_first_page(page: str) -> None:
    assert usage_query({"page": page}, TODAY).page == 1


def test_days_are_put_in_order_and_bounded() -> None:
    turned = usage_query({"from": "2026-11-10", "to": "2026-11-01"}, TODAY)
    assert (turned.from_day, turned.to_day) == (date(2026, 11, 1), date(2026, 11, 10))
    endless = usage_query({"from": "1900-01-01", "to": "junk"}, TODAY)
    assert endless.to_day == TODAY
    assert (endless.to_day - endless.from_day).days == LONGEST


def test_audit_takes_only_actions_that_it_offers() -> None:
    found = audit.audit_query({"action": "terminal.", "q": " x ", "page": "2"}, TODAY)
    assert (found.action, found.text, found.page) == ("terminal.", "x", 2)
    assert audit.audit_query({"action": "%"}, TODAY).action == ""
    assert set(audit_words.action_words()) == set(audit_words.ACTIONS)
