"""Reads config.toml strictly: an unknown or bad key stops the start and is named.

A key is named by its dotted path, items of lists by number from 1: `relay.nodes.2.udp_port`. The
one setting that may carry a password, the database's address, can also come from the environment
(TONGKE_DATABASE_URL).
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from server.config.fleet import all_nodes, cores, mistakes
from server.config.settings import Settings

DATABASE_VARIABLE = "TONGKE_DATABASE_URL"

SENTENCES = {
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "model_type": "must be a table",
    "tuple_type": "must be a list",
    "int_type": "must be a whole number, not {input!r}",
    "float_type": "must be a number, not {input!r}",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false, not {input!r}",
    "string_type": "must be a text, not {input!r}",
    "path_type": "must be a text, not {input!r}",
    "greater_than_equal": "must be at least {ge:g}, not {input!r}",
    "literal_error": "must be {expected}, not {input!r}",
    "value_error": "{error}",
}
"""By pydantic's type of error; another type keeps pydantic's own words."""


class ConfigError(Exception):
    """config.toml cannot be used as it stands: one line for each mistake, `path` is the first's"""

    def __init__(self, *mistakes: tuple[str, str]) -> None:
        lines = [f"{path}: {sentence}" if path else sentence for path, sentence in mistakes]
        super().__init__("\n".join(lines))
        self.path = mistakes[0][0]


def load_settings(file: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of `file`; raise ConfigError with the dotted path of every bad key."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(("", f"cannot read {file}: {_reason(error)}")) from None
    return parse_settings(text, file.resolve().parent, environ)


def parse_settings(text: str, home: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in `text`, checked; relative paths are taken from `home`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(("", f"not TOML: {error}")) from None
    table = {name: {} for name in Settings.model_fields} | table
    if (url := (environ or {}).get(DATABASE_VARIABLE)) and isinstance(table["data"], dict):
        table["data"] = table["data"] | {"database_url": url}
    try:
        settings = Settings.model_validate(table, context={"home": home})
    except ValidationError as error:
        raise ConfigError(*map(_mistake, error.errors(include_url=False))) from None
    if found := list(mistakes(settings.relay, 2)):
        raise ConfigError(*found)
    nodes = all_nodes(settings.relay.nodes, cores())
    return settings.model_copy(update={"relay": settings.relay.model_copy(update={"nodes": nodes})})


def _mistake(error: ErrorDetails) -> tuple[str, str]:
    known: dict[str, Any] = {**error.get("ctx", {}), "input": error["input"]}
    sentence = SENTENCES.get(error["type"], error["msg"]).format(**known)
    return _path(error["loc"]), sentence


def _path(location: Sequence[int | str]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in location)


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
