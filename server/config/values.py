"""What one value of config.toml may be. Pure: a bad value raises ValueError with a sentence."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, Strict, ValidationInfo

from media.contract.turn import parse_ice_server
from media.httpd.proxies import parse_network

T = TypeVar("T")

DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
SQLITE = "sqlite+aiosqlite:///"


def home_of(info: ValidationInfo[Any]) -> Path:
    """Return the folder of config.toml, at which relative paths start."""
    home = (info.context or {}).get("home", Path())
    return Path(home)


def between(low: float, high: float) -> AfterValidator:
    """Return the constraint of a number from `low` to `high`, both included."""

    def check(number: float) -> float:
        if not low <= number <= high:
            raise ValueError(f"must be from {low} to {high}, not {number}")
        return number

    return AfterValidator(check)


def _not_empty(items: tuple[T, ...]) -> tuple[T, ...]:
    """Checked when every item is right: pydantic's own rule counts only the right ones."""
    if not items:
        raise ValueError("must name at least one")
    return items


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError(f"must be an address such as https://class.example, not {text!r}")
    return text


def _address_or_path(text: str) -> str:
    return text if not text or text.startswith("/") else _address(text)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"unknown zone {name!r}") from None
    return name


def _database(url: str, info: ValidationInfo[Any]) -> str:
    """Check the driver; make a file path absolute. The rest may hold a password: never shown."""
    driver = url.partition(":")[0]
    if driver not in DRIVERS:
        raise ValueError(f"must begin with {' or '.join(DRIVERS)}, not {driver!r}")
    if url.startswith(SQLITE):
        return SQLITE + str(home_of(info) / url.removeprefix(SQLITE))
    return url


def _network(text: str) -> str:
    try:
        parse_network(text)
    except ValueError:
        example = f"must be an address or a network such as 10.0.0.0/24, not {text!r}"
        raise ValueError(example) from None
    return text


def _ice_server(text: str) -> str:
    parse_ice_server(text)
    return text


def _node_id(text: str) -> str:
    if not (text.isascii() and text.replace("-", "").isalnum() and len(text) <= 32):
        raise ValueError("must be 1 to 32 letters, digits or hyphens")
    return text


def _rooted(path: Path, info: ValidationInfo[Any]) -> Path:
    return home_of(info) / path


Listed = Annotated[tuple[T, ...], Strict(False)]
"""A list of TOML as a tuple; its items are as strict as everything else."""

Several = Annotated[Listed[T], AfterValidator(_not_empty)]
Port = Annotated[int, between(1, 65535)]
NotNegative = Annotated[float, Field(ge=0)]
Address = Annotated[str, AfterValidator(_address)]
MaybeAddress = Annotated[str, AfterValidator(lambda text: text and _address(text))]
AddressOrPath = Annotated[str, AfterValidator(_address_or_path)]
Network = Annotated[str, AfterValidator(_network)]
IceServer = Annotated[str, AfterValidator(_ice_server)]
NodeId = Annotated[str, AfterValidator(_node_id)]
ZoneName = Annotated[str, AfterValidator(_zone)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
RootedPath = Annotated[Path, Strict(False), AfterValidator(_rooted)]
Language = Literal["zh_CN", "en"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["json", "text"]
