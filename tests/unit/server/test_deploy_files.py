"""What deploy/ shows is what the programs take."""

import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import pytest

from media.contract.turn import IceServer
from media.node.settings import parse_settings
from server import __version__
from server.config.loading import load_settings
from server.config.settings import ConfiguredNode
from server.relays.launch import Launch

REPOSITORY = Path(__file__).resolve().parents[3]
DEPLOY = REPOSITORY / "deploy"


NODES = {"n1": 8701, "n2": 8702}


def systemd_arguments(name: str) -> list[str]:
    """Return the node's command line with the values of the sample environment."""
    unit = (DEPLOY / "tongke-relay@.service").read_text("utf-8").replace("\\\n", " ")
    (line,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    sample = (DEPLOY / f"relay-{name}.env").read_text("utf-8")
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", sample, re.MULTILINE))
    line = re.sub(r"\$\{([A-Z_]+)\}", lambda m: values[m[1]], line.replace("%i", name))
    line = line.replace("$MORE", values["MORE"])  # without braces systemd splits it at spaces
    program, *arguments = shlex.split(line)
    assert program.endswith("python")
    assert arguments[:2] == ["-m", "media.node"]
    return arguments[2:]


def compose_arguments(name: str) -> list[str]:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    service = re.split(r"^  (?=\S)", text.partition(f"  relay-{name}:\n")[2], flags=re.MULTILINE)[0]
    module, *arguments = re.findall(r"^      - (.*)$", service, re.MULTILINE)
    assert module == "media.node"
    flags = [argument for argument in arguments if argument.startswith("--")]
    return [re.sub(r"\$\{[^}]*\}", "192.0.2.10", flag) for flag in flags]


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("arguments", [systemd_arguments, compose_arguments])
def test_a_node_takes_the_command_line_that_deploy_shows(
    arguments: Callable[[str], list[str]], name: str
) -> None:
    node = parse_settings(arguments(name))
    assert (node.node, node.http_port, node.udp_host, node.udp_port) == (
        name,
        NODES[name],
        "0.0.0.0",  # noqa: S104 - the packets come from other machines
        NODES[name],
    )
    assert node.data == Path("/var/lib/tongke/nodes") / name
    assert node.announce == ("192.0.2.10",)
    assert node.keys == Path("/var/lib/tongke/keys/public.json")
    assert node.trusted_proxies == (ip_network("127.0.0.1"),)


def test_the_node_takes_the_command_line_that_the_coordinator_writes(tmp_path: Path) -> None:
    folder = tmp_path
    origins, proxies = ("http://a", "http://b"), ("10.0.0.0/24",)
    launch = Launch(folder, folder / "p.json", folder / "s", origins, folder, proxies)
    settings = ConfiguredNode(
        id="n7", http_port=9001, udp_port=9002, announce=("10.0.0.1", "10.0.0.2")
    )
    settings = settings.model_copy(update={"turn": ("turn:t.example:3478,user,credential",)})
    launch.prepare(settings)
    words = list(launch.command(settings))[3:]
    assert not any("credential" in word for word in words)
    node = parse_settings(words)
    assert (node.node, node.http_port, node.udp_port) == ("n7", 9001, 9002)
    assert node.announce == ("10.0.0.1", "10.0.0.2")
    assert node.origins == ("http://a", "http://b")
    assert node.ice_servers == (IceServer("turn:t.example:3478", "user", "credential"),)
    assert node.trusted_proxies == (ip_network("10.0.0.0/24"),)
    assert node.data == folder / "n7"
    assert (node.max_bitrate, node.max_peers) == (3_400_000, 1000)
    launch.prepare(settings.model_copy(update={"turn": ()}))
    assert not launch.turn_file(settings).exists()


def test_the_sample_configuration_is_valid_and_has_no_demo() -> None:
    settings = load_settings(DEPLOY / "config.toml", {})
    assert settings.server.secure
    assert not settings.demo.enabled
    assert not settings.relay.spawn
    assert {node.id: node.http_port for node in settings.relay.nodes} == NODES
    for node in settings.relay.nodes:
        assert node.public == f"/relay/{node.id}"
        proxied = (DEPLOY / "Caddyfile").read_text("utf-8")
        assert f"handle_path {node.public}/* {{" in proxied
        assert f"127.0.0.1:{node.http_port}}} {{" in proxied
    assert settings.data.database_url == "sqlite+aiosqlite:////var/lib/tongke/tongke.db"


@pytest.mark.parametrize("script", ["deploy/kiosk.sh", ".ci/run"])
def test_scripts_are_sound_and_executable(script: str) -> None:
    file = REPOSITORY / script
    assert file.stat().st_mode & 0o111
    checked = subprocess.run(["sh", "-n", str(file)], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    changes = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    assert project["version"] == __version__
    assert f"## {__version__}" in changes


def test_both_readmes_begin_with_the_same_two_commands() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        commands = re.findall(r"^    (make \w+)", (REPOSITORY / name).read_text("utf-8"), re.M)
        assert commands[:2] == ["make run", "make test"]
    assert (REPOSITORY / ".ci/run").read_text("utf-8").rstrip().endswith("make test")
