"""ICE sessions guard by guard: both fragments, the password, and which session is kept."""

import pytest

from media.packets.stun import BindingRequest, parse_binding_request
from media.transport.ice import Generation, IceCredentials, IceLite
from tests.fuzz.packets import check

OURS = IceCredentials("ours", "0123456789012345678901")


def request(
    ufrag: str = "ours", remote: str = "theirs", pwd: str = OURS.pwd, *, nominate: bool = False
) -> BindingRequest:
    return parse_binding_request(check(f"{ufrag}:{remote}".encode(), pwd.encode(), nominate))


@pytest.mark.parametrize(
    ("asked", "accepted"),
    [
        (request(), True),
        (request(nominate=True), True),
        (request(ufrag="other"), False),
        (request(ufrag=""), False),
        (request(remote="other"), False),
        (request(remote=""), False),
        (request(pwd="another password"), False),
        (request(ufrag="theirs", remote="ours"), False),
    ],
)
def test_a_check_knows_both_fragments_and_the_password(
    asked: BindingRequest, accepted: bool
) -> None:
    assert Generation("theirs", OURS).accepts(asked) is accepted


def test_every_session_has_credentials_of_its_own_as_long_as_ice_asks() -> None:
    first, second = IceCredentials(), IceCredentials()
    assert [(len(one.ufrag), len(one.pwd)) for one in (first, second)] == [(8, 32)] * 2
    assert first.ufrag != second.ufrag
    assert first.pwd != second.pwd


def asked_of(local: IceCredentials, remote: str, *, nominate: bool = False) -> BindingRequest:
    return request(local.ufrag, remote, local.pwd, nominate=nominate)


def test_a_link_begins_with_one_session() -> None:
    ice = IceLite("peer1")
    assert (ice.remote_ufrag, ice.ufrags) == ("peer1", {ice.local.ufrag})
    assert ice.accepts(asked_of(IceCredentials(), "peer1")) is None


def test_a_restart_answers_under_new_credentials() -> None:
    ice = IceLite("peer1")
    first = ice.local
    second = ice.restart("peer2")
    assert (ice.local, ice.remote_ufrag) == (second, "peer2")
    assert second != first
    assert ice.ufrags == {first.ufrag, second.ufrag}


def test_a_check_that_does_not_nominate_ends_no_session() -> None:
    ice = IceLite("peer1")
    first, second = ice.local, ice.restart("peer2")
    assert ice.accepts(asked_of(second, "peer2")) is second
    assert ice.accepts(asked_of(first, "peer1")) is first


def test_the_last_proven_session_stays_beside_the_newest() -> None:
    ice = IceLite("peer1")
    first = ice.local
    second = ice.restart("peer2")  # though the first was never proven: there was no older one
    ice.accepts(asked_of(second, "peer2"))
    third = ice.restart("peer3")
    assert ice.ufrags == {second.ufrag, third.ufrag}
    assert ice.accepts(asked_of(first, "peer1")) is None
    fourth = ice.restart("peer4")  # the third was never proven
    assert ice.ufrags == {second.ufrag, fourth.ufrag}
    assert ice.accepts(asked_of(second, "peer2")) is second
    assert ice.accepts(asked_of(third, "peer3")) is None


def test_an_older_session_that_answers_proves_nothing_of_the_new_one() -> None:
    ice = IceLite("peer1")
    first = ice.local
    ice.accepts(asked_of(first, "peer1"))
    ice.restart("peer2")
    ice.accepts(asked_of(first, "peer1", nominate=True))
    third = ice.restart("peer3")
    assert ice.ufrags == {first.ufrag, third.ufrag}
