"""Reads config.toml strictly: an unknown or bad key stops the start and is named.

The sections are the dataclasses of `server.config.settings`. A key is named by its dotted path,
lists by number from 1: `relay.nodes.2.udp_port`. The one setting that may carry a password, the
database's address, can also come from the environment (TONGKE_DATABASE_URL).
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from server.config.checks import ConfigError, check
from server.config.fleet import all_nodes, cores
from server.config.settings import DataSettings, Settings

__all__ = ["ConfigError", "load_settings", "parse_settings"]

T = TypeVar("T")

DATABASE_VARIABLE = "TONGKE_DATABASE_URL"


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
    check(settings)
    relay = replace(settings.relay, nodes=all_nodes(settings.relay.nodes, cores()))
    return replace(settings, relay=relay)


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
