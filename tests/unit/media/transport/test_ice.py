"""ICE sessions of one peer: a restart begins a new one, and only its success ends the old one."""

from aioice import stun

from media.packets.stun import BindingRequest, parse_binding_request
from media.transport.ice import IceCredentials, IceLite


def check(local: IceCredentials, remote: str, *, nominate: bool = False) -> BindingRequest:
    """A connectivity check as the peer `remote` sends it."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{local.ufrag}:{remote}"
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(local.pwd.encode())
    return parse_binding_request(bytes(message))


def test_both_sessions_answer_until_a_pair_of_the_new_one_is_nominated() -> None:
    ice = IceLite("peer1")
    first = ice.local
    assert ice.accepts(check(first, "peer1")) is first
    second = ice.restart("peer2")
    assert ice.ufrags == {first.ufrag, second.ufrag}
    assert ice.accepts(check(second, "peer2")) is second
    assert ice.accepts(check(first, "peer1", nominate=True)) is first
    assert ice.accepts(check(second, "peer2", nominate=True)) is second
    assert ice.accepts(check(first, "peer1", nominate=True)) is None
    assert ice.ufrags == {second.ufrag}


def test_restarts_that_fail_leave_the_session_that_works() -> None:
    ice = IceLite("peer1")
    first = ice.local
    ice.accepts(check(first, "peer1", nominate=True))
    for number in range(10):
        ice.restart(f"lost{number}")
    assert ice.accepts(check(first, "peer1")) is first
    assert len(ice.ufrags) == 2


def test_ufrag_and_password_of_different_sessions_are_refused() -> None:
    ice = IceLite("peer1")
    first = ice.local
    second = ice.restart("peer2")
    assert ice.accepts(check(first, "peer2")) is None
    assert ice.accepts(check(second, "peer1")) is None
    assert ice.accepts(check(IceCredentials(second.ufrag, first.pwd), "peer2")) is None
