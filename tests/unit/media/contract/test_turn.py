"""STUN and TURN servers as they are configured, and as clients are told of them."""

from pathlib import Path

import pytest

from media.contract.turn import IceServer, IceServerFileError, parse_ice_server, read_ice_servers


def test_a_turn_server_is_announced_with_its_credentials() -> None:
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


def test_servers_are_read_from_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "turn"
    file.touch(mode=0o600)
    file.write_text("# ours\nturn:a.example,user,a,credential\n\n  stun:s.example\n")
    assert read_ice_servers(file) == (
        IceServer("turn:a.example", "user", "a,credential"),
        IceServer("stun:s.example"),
    )
    file.chmod(0o640)
    with pytest.raises(IceServerFileError, match="turn can be read by others"):
        read_ice_servers(file)


def test_a_mistake_is_named_by_its_line_and_no_credential_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "turn"
    file.touch(mode=0o600)
    file.write_text("stun:s.example\nturn:a.example user credential\n")
    with pytest.raises(IceServerFileError, match=r"line 2 of turn") as told:
        read_ice_servers(file)
    assert "credential" not in str(told.value)
    assert "credential" not in repr(IceServer("turn:a.example", "user", "credential"))


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("stun:s", IceServer("stun:s")),
        ("stuns:s:1", IceServer("stuns:s:1")),
        ("turn:t,u,c", IceServer("turn:t", "u", "c")),
        ("turns:t,u,c,d", IceServer("turns:t", "u", "c,d")),
        ("turn:t,u, ", IceServer("turn:t", "u", " ")),
    ],
)
def test_every_kind_of_server_is_read(text: str, server: IceServer) -> None:
    assert parse_ice_server(text) == server


@pytest.mark.parametrize("mode", [0o610, 0o620, 0o640, 0o601, 0o602, 0o604])
def test_a_file_that_anybody_else_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "turn"
    file.write_text("stun:s\n")
    for own in (0o600, 0o700, 0o400):
        file.chmod(own)
        assert read_ice_servers(file) == (IceServer("stun:s"),)
    file.chmod(mode)
    with pytest.raises(IceServerFileError, match="set its mode to 0600"):
        read_ice_servers(file)


def test_a_file_may_name_no_server(tmp_path: Path) -> None:
    file = tmp_path / "turn"
    file.touch(mode=0o600)
    assert read_ice_servers(file) == ()
    file.write_text("\n#stun:s\n \n")
    assert read_ice_servers(file) == ()
