"""The pure parts of what keeps strangers out."""

import pytest

from web.kit.middleware.headers import policy
from web.kit.requests.address import mask
from web.sign_in import local_path


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("10.1.2.3", "10.1.x.x"),
        ("::ffff:192.168.7.9", "192.168.x.x"),
        ("2001:db8:1:2::9", "2001:0db8::x"),
        ("fe80::1%eth0", "fe80:0000::x"),
        ("::1%:", "0000:0000::x"),
        ("", "unknown"),
        ("<script>", "unknown"),
    ],
)
def test_addresses_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/lessons/1?done=booked", "/lessons/1?done=booked"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nSet-Cookie: b", "/"),
        ("////evil.example", "/"),
        ("///evil.example", "/"),
        ("//[", "/"),
        ("/\t/evil.example", "/"),
        ("\x01//evil.example", "/"),
        ("today", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_signing_in_leads_nowhere_else(asked: str | None, leads_to: str) -> None:
    assert local_path(asked) == leads_to


def test_the_policy_lets_pages_reach_the_relays_and_nothing_else() -> None:
    words = policy(["http://10.0.0.5:8701", "https://relay.test/n2", "/relay/n3"], "tongke.test")
    rules = dict(rule.split(" ", 1) for rule in words.split("; "))
    assert rules["connect-src"].split() == [
        "'self'",
        "ws://tongke.test",
        "wss://tongke.test",
        "http://10.0.0.5:8701",
        "ws://10.0.0.5:8701",
        "https://relay.test",
        "wss://relay.test",
    ]
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["style-src"] == "'self'"
    assert rules["worker-src"] == "'self'"


def test_a_forged_host_adds_nothing_to_the_policy() -> None:
    assert "evil" not in policy([], "a; script-src evil")
