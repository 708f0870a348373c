"""The rules of config.toml that a type alone cannot hold; a bad key is named by its dotted path."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from media.contract.turn import parse_ice_server
from media.httpd.proxies import parse_network
from server.config.fleet import every_node, may_be_numbered
from server.config.settings import (
    AttendanceSettings,
    DataSettings,
    DemoSettings,
    LessonSettings,
    LogSettings,
    NodeSettings,
    RelaySettings,
    ServerSettings,
    Settings,
)

DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
KNOWN_LANGUAGES = ("zh_CN", "en")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class ConfigError(Exception):
    """config.toml cannot be used as it stands"""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


def check(settings: Settings) -> None:
    """Run every rule that a type alone cannot hold."""
    _check_server(settings.server)
    _check_data(settings.data)
    _check_log(settings.log)
    _check_relay(settings.relay)
    _check_lessons(settings.lessons)
    _check_attendance(settings.attendance)
    _check_demo(settings.demo)


def _require(path: str, ok: bool, message: str) -> None:
    if not ok:
        raise ConfigError(path, message)


def _port(path: str, value: int) -> None:
    _require(path, 1 <= value <= 65535, f"must be a port from 1 to 65535, not {value}")


def _url(path: str, value: str, or_path: bool = False) -> None:
    parts = urlsplit(value)
    ok = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
    ok = ok or (or_path and value.startswith("/"))
    _require(path, ok, f"must be an address such as https://class.example, not {value!r}")


def _check_server(server: ServerSettings) -> None:
    _port("server.port", server.port)
    _url("server.public_url", server.public_url)
    _require("server.languages", bool(server.languages), "must name at least one language")
    for number, language in enumerate(server.languages, 1):
        known = f"must be one of {', '.join(KNOWN_LANGUAGES)}, not {language!r}"
        _require(f"server.languages.{number}", language in KNOWN_LANGUAGES, known)
    try:
        ZoneInfo(server.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError("server.time_zone", f"unknown zone {server.time_zone!r}") from None


def _check_data(data: DataSettings) -> None:
    driver = data.database_url.partition(":")[0]
    known = f"must begin with {' or '.join(DRIVERS)}, not {driver!r}"
    _require("data.database_url", driver in DRIVERS, known)


def _check_log(log: LogSettings) -> None:
    _require("log.level", log.level in LEVELS, f"must be one of {', '.join(LEVELS)}")
    _require("log.format", log.format in ("json", "text"), "must be json or text")


def _check_relay(relay: RelaySettings) -> None:
    _require("relay.nodes", bool(relay.nodes), "must name at least one node")
    for number, origin in enumerate(relay.extra_origins, 1):
        _url(f"relay.extra_origins.{number}", origin)
    for number, proxy in enumerate(relay.trusted_proxies, 1):
        _network(f"relay.trusted_proxies.{number}", proxy)
    for number, node in enumerate(relay.nodes, 1):
        _check_node(f"relay.nodes.{number}", node)
        _check_count(f"relay.nodes.{number}", node, relay.spawn and node.spawn)
    nodes = [(n, one) for n, block in enumerate(relay.nodes, 1) for one in every_node(block, 2)]
    for number, node in nodes:
        _port(f"relay.nodes.{number}.http_port", node.http_port)
        _port(f"relay.nodes.{number}.udp_port", node.udp_port)
    _require_distinct(nodes, "id", lambda node: node.id)
    _require_distinct(nodes, "http_port", lambda node: (node.control,))
    ours = [(number, node) for number, node in nodes if relay.spawn and node.spawn]
    _require_distinct(ours, "udp_port", lambda node: (node.udp_host, node.udp_port))


def _check_node(path: str, node: NodeSettings) -> None:
    plain = node.id.isascii() and node.id.replace("-", "").isalnum() and len(node.id) <= 32
    _require(f"{path}.id", plain, "must be 1 to 32 letters, digits or hyphens")
    _port(f"{path}.http_port", node.http_port)
    _port(f"{path}.udp_port", node.udp_port)
    enough = node.max_bitrate >= 300_000
    _require(f"{path}.max_bitrate", enough, "must be at least 300000 bit/s for a picture")
    _require(f"{path}.max_peers", node.max_peers >= 1, "must be at least 1")
    _require(f"{path}.announce", bool(node.announce), "must name at least one address")
    for number, server in enumerate(node.turn, 1):
        _ice_server(f"{path}.turn.{number}", server)
    _url(f"{path}.control_url", node.control)
    _url(f"{path}.public_url", node.public, or_path=True)


def _check_count(path: str, node: NodeSettings, spawned: bool) -> None:
    _require(f"{path}.count", 0 <= node.count <= 64, "must be from 0 (one a core) to 64")
    if node.count == 0:
        unknown = "must be at least 1 where spawn is false: whose cores would be counted?"
        _require(f"{path}.count", spawned, unknown)
    if node.count != 1:
        numbered = "must end in a number, from which the nodes of this block are counted"
        _require(f"{path}.id", may_be_numbered(node.id), numbered)
        for name in ("control_url", "public_url"):
            distinct = not getattr(node, name) or "{id}" in getattr(node, name)
            _require(f"{path}.{name}", distinct, "must hold {id} where count is not 1")


def _ice_server(path: str, text: str) -> None:
    try:
        parse_ice_server(text)
    except ValueError as error:
        raise ConfigError(path, str(error)) from None


def _network(path: str, text: str) -> None:
    try:
        parse_network(text)
    except ValueError:
        example = f"must be an address or a network such as 10.0.0.0/24, not {text!r}"
        raise ConfigError(path, example) from None


def _require_distinct(
    nodes: Sequence[tuple[int, NodeSettings]], key: str, of: Callable[[NodeSettings], object]
) -> None:
    """`nodes` are pairs of a block's number and one of its nodes."""
    seen: set[object] = set()
    for number, node in nodes:
        _require(f"relay.nodes.{number}.{key}", of(node) not in seen, "is used by another node")
        seen.add(of(node))


def _check_lessons(lessons: LessonSettings) -> None:
    for name in ("lobby_minutes", "archive_after_seconds", "leg_silent_after_seconds"):
        _require(f"lessons.{name}", getattr(lessons, name) >= 0, "must not be negative")
    enough = 1 <= lessons.reconcile_seconds <= 300
    _require("lessons.reconcile_seconds", enough, "must be between 1 and 300")


def _check_attendance(policy: AttendanceSettings) -> None:
    for spec in fields(policy):
        ok = getattr(policy, spec.name) >= 0
        _require(f"attendance.{spec.name}", ok, "must not be negative")
    share = policy.minimum_share <= 1
    _require("attendance.minimum_share", share, "is a share of the lesson, from 0 to 1")


def _check_demo(demo: DemoSettings) -> None:
    _require("demo.lesson_minutes", 1 <= demo.lesson_minutes <= 120, "must be from 1 to 120")
    _require("demo.classrooms", 1 <= demo.classrooms <= 12, "must be from 1 to 12")
