"""Reads config.toml strictly: an unknown or bad key stops the start and is named.

The sections are the dataclasses of `server.settings`. A key is named by its dotted path, lists by
number from 1: `relay.nodes.2.udp_port`. The one setting that may carry a password, the database's
address, can also come from the environment (TONGKE_DATABASE_URL).
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from media.node.proxies import parse_network
from media.node.turn import parse_ice_server
from server.settings import (
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

T = TypeVar("T")

DATABASE_VARIABLE = "TONGKE_DATABASE_URL"
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
KNOWN_LANGUAGES = ("zh_CN", "en")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class ConfigError(Exception):
    """config.toml cannot be used as it stands"""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


def load_settings(file: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of `file`; raise ConfigError with the dotted path of the bad key."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("", f"cannot read {file}: {_reason(error)}") from None
    return parse_settings(text, file.resolve().parent, environ)


def parse_settings(text: str, home: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in `text`, checked; relative paths are taken from `home`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("", f"not TOML: {error}") from None
    if "home" in table:
        raise ConfigError("home", "unknown key")
    settings = _build(Settings, {"home": str(home), **table}, "")
    url = (environ or {}).get(DATABASE_VARIABLE) or settings.data.database_url
    settings = replace(settings, data=_rooted_data(settings.data, url, home))
    county = home / settings.demo.county_file
    settings = replace(settings, demo=replace(settings.demo, county_file=county))
    _check(settings)
    return settings


def _build(kind: type[T], table: Any, path: str) -> T:
    """Make a `kind` of a TOML table, going down into its own dataclasses."""
    if not isinstance(table, dict):
        raise ConfigError(path, "must be a table")
    hints = get_type_hints(kind)
    for name in table:
        if name not in hints:
            raise ConfigError(_join(path, name), "unknown key")
    for spec in fields(kind):  # type: ignore[arg-type]
        required = spec.default is MISSING and spec.default_factory is MISSING
        if required and spec.name not in table:
            raise ConfigError(_join(path, spec.name), "is missing")
    return kind(**{n: _value(hints[n], v, _join(path, n)) for n, v in table.items()})


def _value(kind: Any, value: Any, path: str) -> Any:
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ConfigError(path, "must be a list")
        inner = get_args(kind)[0]
        return tuple(_value(inner, item, _join(path, str(i))) for i, item in enumerate(value, 1))
    if is_dataclass(kind):
        return _build(kind, value, path)  # type: ignore[arg-type]
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    if kind is float and type(value) in (int, float):
        return float(value)
    if kind in (int, str, bool) and type(value) is kind:
        return value
    wanted = {int: "a whole number", float: "a number", bool: "true or false"}
    raise ConfigError(path, f"must be {wanted.get(kind, 'a text')}, not {value!r}")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _rooted_data(data: DataSettings, url: str, home: Path) -> DataSettings:
    """Make the folder and a file database absolute, so that the start folder does not matter."""
    prefix = "sqlite+aiosqlite:///"
    if url.startswith(prefix):
        url = prefix + str(home / url.removeprefix(prefix))
    return DataSettings(directory=home / data.directory, database_url=url)


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _check(settings: Settings) -> None:
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
    _require_distinct(relay.nodes, "id", lambda node: node.id)
    _require_distinct(relay.nodes, "http_port", lambda node: (node.control,))
    if relay.spawn:
        _require_distinct(relay.nodes, "udp_port", lambda node: (node.udp_host, node.udp_port))


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
    nodes: tuple[NodeSettings, ...], key: str, of: Callable[[NodeSettings], object]
) -> None:
    seen: set[object] = set()
    for number, node in enumerate(nodes, 1):
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
