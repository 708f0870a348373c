"""STUN and TURN servers as they are configured, and as clients are told of them."""

import pytest

from media.node.turn import parse_ice_server


def test_a_turn_server_is_told_with_its_credentials() -> None:
    server = parse_ice_server('turn:relay.example:3478?transport=udp,room,a,"b\\c')
    assert server.link == (
        '<turn:relay.example:3478?transport=udp>; rel="ice-server"; username="room"; '
        'credential="a,\\"b\\\\c"; credential-type="password"'
    )


def test_a_stun_server_has_no_credentials() -> None:
    assert parse_ice_server("stun:s.example").link == '<stun:s.example>; rel="ice-server"'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "turn:",
        "turn:x",
        "turn:x,user",
        "turn:x,user,",
        "stun:x,user",
        "stun:x,user,secret",
        "http://x,user,secret",
        "turn:x y,user,secret",
        'turn:x>; rel="y",user,secret',
        "turn:x,user,sec\nret",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="TURN"):
        parse_ice_server(text)
