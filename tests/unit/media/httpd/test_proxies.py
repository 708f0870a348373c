"""Whose request it is: only named proxies are believed, and only what they wrote themselves."""

import pytest

from media.httpd.proxies import client_of, is_proxy, parse_network, source_of

PROXIES = (parse_network("127.0.0.1"), parse_network("10.0.0.0/24"), parse_network("fd00::/64"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),  # a stranger's own word
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("127.0.0.1", ["198.51.100.1, 192.0.2.7"], "192.0.2.7"),  # the first he wrote himself
        ("127.0.0.1", ["198.51.100.1", "192.0.2.7"], "192.0.2.7"),
        ("127.0.0.1", ["192.0.2.7, 10.0.0.9"], "192.0.2.7"),  # through two proxies of ours
        ("127.0.0.1", ["10.0.0.8, 10.0.0.9"], "10.0.0.8"),
        ("127.0.0.1", ["192.0.2.7, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["192.0.2.7,"], "127.0.0.1"),
        ("127.0.0.1", ["fe80::1%:"], "127.0.0.1"),  # Python reads it, and cannot write it
        ("10.0.0.5", ["192.0.2.7:443"], "10.0.0.5"),
        ("::ffff:127.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        ("fd00::3", ["::ffff:192.0.2.7"], "::ffff:192.0.2.7"),
        ("", ["192.0.2.7"], ""),
    ],
)
def test_the_client_is_the_last_that_is_no_proxy(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert client_of(peer, forwarded, PROXIES) == client


def test_forwarded_addresses_of_unknown_proxies_are_ignored() -> None:
    assert client_of("127.0.0.1", ["192.0.2.7"], ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:0db8:0001:0002"),
        ("2001:db8:1:2:bbbb::9", "2001:0db8:0001:0002"),
        ("", ""),
    ],
)
def test_an_ipv6_client_counts_by_its_network(address: str, source: str) -> None:
    assert source_of(address) == source


def test_a_name_is_no_proxy() -> None:
    with pytest.raises(ValueError, match=r"proxy\.example"):
        parse_network("proxy.example")


@pytest.mark.parametrize(
    ("address", "ours"),
    [("10.0.0.0", True), ("10.0.0.255", True), ("10.0.1.0", False), ("127.0.0.1", True),
     ("127.0.0.2", False), ("fd00::ffff", True), ("fd00:0:0:1::", False), ("fd00::1%eth0", False),
     ("::ffff:10.0.0.9", True), ("", False), ("10.0.0", False), ("proxy", False)],
)  # fmt: skip
def test_a_proxy_is_one_of_those_that_were_named(address: str, ours: bool) -> None:
    assert is_proxy(address, PROXIES) is ours
    assert is_proxy(address, ()) is False


def test_a_network_may_be_named_by_any_address_in_it() -> None:
    assert parse_network("10.0.0.7/24") == PROXIES[1]
    assert parse_network("10.0.0.7").num_addresses == 1
