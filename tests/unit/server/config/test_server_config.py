"""config.toml: complete, strict, and every mistake is named by its dotted path."""

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from server.config.fleet import all_nodes, cores
from server.config.loading import ConfigError, load_settings, parse_settings
from server.config.settings import ConfiguredNode, Settings

REPOSITORY = Path(__file__).parents[4]
HOME = Path("/srv/tongke")


def parse(text: str, **environ: str) -> Settings:
    return parse_settings(text, HOME, environ)


def keys_of(kind: Any) -> dict[str, Any]:
    """Every key that a section knows, nested."""
    found: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        inner = (get_args(field.annotation) or (field.annotation,))[0]
        is_section = isinstance(inner, type) and issubclass(inner, BaseModel)
        found[name] = keys_of(inner) if is_section else None
    return found


def written(table: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        inner = value[0] if isinstance(value, list) and value else value
        found[name] = written(inner) if isinstance(inner, dict) else None
    return found


def test_the_file_in_the_repository_is_valid_and_names_every_setting() -> None:
    file = REPOSITORY / "config.toml"
    load_settings(file, {})
    assert written(tomllib.loads(file.read_text("utf-8"))) == keys_of(Settings)


def test_every_setting_has_a_comment_above_it() -> None:
    lines = (REPOSITORY / "config.toml").read_text("utf-8").splitlines()
    run: list[str] = []
    for line in lines:
        if " = " in line and not line.startswith("#"):
            assert any(before.startswith("#") for before in run), f"no comment above {line!r}"
        run = [*run, line] if line else []


def test_an_empty_file_means_the_defaults() -> None:
    settings = parse("")
    assert settings.server.port == 8700
    assert [node.id for node in settings.relay.nodes] == ["n1"]


def test_relative_paths_start_at_the_folder_of_the_file() -> None:
    settings = parse('[data]\ndirectory = "kept"\ndatabase_url = "sqlite+aiosqlite:///kept/t.db"')
    assert settings.data.directory == HOME / "kept"
    assert settings.data.database_url == f"sqlite+aiosqlite:///{HOME}/kept/t.db"
    assert settings.demo.county_file == HOME / "examples/leizhou.toml"


def test_the_environment_may_hold_the_database_address() -> None:
    url = "postgresql+asyncpg://tongke:word@host/tongke"
    assert parse("", TONGKE_DATABASE_URL=url).data.database_url == url


def test_a_node_is_reached_at_its_own_address_unless_another_is_configured() -> None:
    plain = ConfiguredNode(id="a", http_host="10.0.0.1", http_port=9000)
    assert (plain.control, plain.public) == ("http://10.0.0.1:9000", "http://10.0.0.1:9000")
    behind = ConfiguredNode(id="a", control_url="http://r:1/", public_url="/relay/a/")
    assert (behind.control, behind.public) == ("http://r:1", "/relay/a")


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("[sever]", "sever", "unknown key"),
        ("home = '/'", "home", "unknown key"),
        ("[server]\nprot = 1", "server.prot", "unknown key"),
        ("server = 1", "server", "must be a table"),
        ("[server]\nport = '8700'", "server.port", "must be a whole number, not '8700'"),
        ("[server]\nport = true", "server.port", "must be a whole number, not True"),
        ("[server]\nport = 0", "server.port", "must be from 1 to 65535, not 0"),
        ("[server]\npublic_url = 'class'", "server.public_url", "must be an address"),
        ("[server]\ntime_zone = 'Moon/Mare'", "server.time_zone", "unknown zone 'Moon/Mare'"),
        ("[server]\nlanguages = 'en'", "server.languages", "must be a list"),
        ("[server]\nlanguages = ['fr']", "server.languages.1", "must be 'zh_CN' or 'en', not 'fr'"),
        ("[data]\ndatabase_url = 'mysql://x'", "data.database_url", "must begin with sqlite"),
        ("[log]\nlevel = 'LOUD'", "log.level", "must be 'DEBUG', 'INFO', "),
        ("[relay]\nspawn = 1", "relay.spawn", "must be true or false, not 1"),
        ("[relay]\nnodes = []", "relay.nodes", "must name at least one"),
        ("[[relay.nodes]]\nhttp_port = 1", "relay.nodes.1.id", "is missing"),
        ("[[relay.nodes]]\nid = 'a b'", "relay.nodes.1.id", "letters, digits or hyphens"),
        ("[[relay.nodes]]\nid='a'\nannounce=[1]", "relay.nodes.1.announce.1", "must be a text"),
        ("[relay]\ntrusted_proxies=['proxy']", "relay.trusted_proxies.1", "10.0.0.0/24"),
        ("[[relay.nodes]]\nid='a'\nturn=['turn:x']", "relay.nodes.1.turn.1", "URL,user,credential"),
        ("[[relay.nodes]]\nid='a'\n[[relay.nodes]]\nid='a'", "relay.nodes.2.id", "is used by"),
        (
            "[lessons]\nreconcile_seconds = 0",
            "lessons.reconcile_seconds",
            "must be from 1 to 300",
        ),
        ("[attendance]\nminimum_share = 1.5", "attendance.minimum_share", "must be from 0 to 1"),
        (
            "[attendance]\ngrace_seconds = -1",
            "attendance.grace_seconds",
            "must be at least 0",
        ),
        ("[demo]\nclassrooms = 99", "demo.classrooms", "must be from 1 to 12"),
        ("[demo", "", "not TOML"),
    ],
)
def test_a_mistake_stops_the_start_and_is_named(text: str, path: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert caught.value.path == path
    assert words in str(caught.value)


def test_several_mistakes_are_all_named() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("[server]\nport = 0\nprot = 1\n[demo]\nclassrooms = 99")
    assert str(caught.value).splitlines() == [
        "server.port: must be from 1 to 65535, not 0",
        "server.prot: unknown key",
        "demo.classrooms: must be from 1 to 12, not 99",
    ]
    assert caught.value.path == "server.port"


def test_a_bad_database_address_is_refused_without_its_password() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("", TONGKE_DATABASE_URL="mysql://tongke:word@host/tongke")
    assert caught.value.path == "data.database_url"
    assert "word" not in str(caught.value)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(parse("").server, "port", 1)  # noqa: B010 - a plain assignment fails the types


def test_two_nodes_of_one_machine_cannot_share_a_port() -> None:
    both = "[[relay.nodes]]\nid='a'\n[[relay.nodes]]\nid='b'\nhttp_port=8702\n"
    with pytest.raises(ConfigError, match=r"relay\.nodes\.2\.udp_port"):
        parse(both)


def test_a_missing_file_is_reported_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load_settings(tmp_path / "none.toml", {})


SEVERAL = """
[[relay.nodes]]
id = "n1"
count = {count}
http_port = 9000
udp_port = 9100
public_url = "/relay/{{id}}"

[[relay.nodes]]
id = "far"
spawn = false
control_url = "http://10.0.0.9:8701"
"""


def test_a_block_may_stand_for_several_nodes() -> None:
    nodes = parse(SEVERAL.format(count=3)).relay.nodes
    assert [node.id for node in nodes] == ["n1", "n2", "n3", "far"]
    assert [(node.http_port, node.udp_port) for node in nodes[:3]] == [
        (9000, 9100),
        (9001, 9101),
        (9002, 9102),
    ]
    assert [node.public for node in nodes[:3]] == ["/relay/n1", "/relay/n2", "/relay/n3"]
    assert [node.spawn for node in nodes] == [True, True, True, False]
    assert {node.count for node in nodes} == {1}


def test_a_count_of_nought_is_a_node_for_each_core() -> None:
    assert len(parse(SEVERAL.format(count=0)).relay.nodes) == cores() + 1
    blocks = (ConfiguredNode(id="relay-07", count=0, http_port=9000),)
    assert [node.id for node in all_nodes(blocks, 3)] == ["relay-7", "relay-8", "relay-9"]


@pytest.mark.parametrize(
    ("lines", "path", "words"),
    [
        ("id='n1'\ncount=-1", "relay.nodes.1.count", "must be from 0 to 64, not -1"),
        ("id='n1'\ncount=0\nspawn=false", "relay.nodes.1.count", "where spawn is false"),
        ("id='relay'\ncount=2", "relay.nodes.1.id", "must end in a number"),
        ("id='n1'\ncount=2\npublic_url='/r'", "relay.nodes.1.public_url", "must hold {id}"),
        ("id='n1'\ncount=2\ncontrol_url='http://r'", "relay.nodes.1.control_url", "must hold {id}"),
        ("id='n1'\ncount=2\nhttp_port=65535", "relay.nodes.1.http_port", "beyond port 65535"),
        ("id='n1'\ncount=2\n[[relay.nodes]]\nid='n2'", "relay.nodes.2.id", "is used by"),
        (
            "id='n1'\ncount=2\n[[relay.nodes]]\nid='a'\nhttp_port=8702",
            "relay.nodes.2.http_port",
            "is used by",
        ),
    ],
)
def test_each_node_of_a_block_needs_its_own_address(lines: str, path: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f"[[relay.nodes]]\n{lines}")
    assert caught.value.path == path
    assert words in str(caught.value)
