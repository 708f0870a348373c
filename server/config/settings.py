"""Every setting of Tongke as frozen models. Pure; `loading` fills them from config.toml."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from server.config.values import (
    Address,
    AddressOrPath,
    DatabaseUrl,
    IceServer,
    Language,
    Listed,
    LogFormat,
    LogLevel,
    MaybeAddress,
    Network,
    NodeId,
    NotNegative,
    Port,
    RootedPath,
    Several,
    ZoneName,
    between,
)


class Section(BaseModel):
    """A table of config.toml: no unknown key, no value of another type, and nothing changes it."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )


class ServerSettings(Section):
    """The pages: where they listen and how browsers reach them."""

    host: str = "127.0.0.1"
    port: Port = 8700
    public_url: Address = "http://127.0.0.1:8700"
    languages: Several[Language] = ("zh_CN", "en")
    time_zone: ZoneName = "Asia/Shanghai"
    trust_proxy: bool = False

    @property
    def secure(self) -> bool:
        """Whether browsers come by HTTPS, so that cookies may insist on it."""
        return urlsplit(self.public_url).scheme == "https"


class DataSettings(Section):
    """Where things are kept. A relative path starts at the folder of config.toml."""

    directory: RootedPath = Path("data")
    database_url: DatabaseUrl = "sqlite+aiosqlite:///data/tongke.db"


class LogSettings(Section):
    """What the log says, and in which form."""

    level: LogLevel = "INFO"
    format: LogFormat = "json"


class ConfiguredNode(Section):
    """One relay node. `announce` are the addresses that its ICE candidates carry; `turn` servers
    that clients are given ("URL,user,credential"); `max_bitrate` is in bit/s a publisher, at least
    what a picture needs.

    A block of config.toml may stand for `count` of them (`fleet`); read settings have 1.
    """

    id: NodeId
    count: Annotated[int, between(0, 64)] = 1
    spawn: bool = True
    http_host: str = "127.0.0.1"
    http_port: Port = 8701
    udp_host: str = "127.0.0.1"
    udp_port: Port = 8701
    announce: Several[str] = ("127.0.0.1",)
    control_url: MaybeAddress = ""
    public_url: AddressOrPath = ""
    turn: Listed[IceServer] = ()
    max_bitrate: Annotated[int, Field(ge=300_000)] = 3_400_000
    max_peers: Annotated[int, Field(ge=1)] = 1000

    @property
    def control(self) -> str:
        """Where the coordinator reaches the node's HTTP interface, without a trailing slash."""
        return self.control_url.rstrip("/") or f"http://{self.http_host}:{self.http_port}"

    @property
    def public(self) -> str:
        """Where browsers reach it: an address, or a path under the pages' own origin."""
        return self.public_url.rstrip("/") or self.control


class RelaySettings(Section):
    """The relay nodes, and whether this process starts those with a `spawn` of their own;
    `trusted_proxies` are addresses or networks in front of the nodes."""

    spawn: bool = True
    extra_origins: Listed[Address] = ()
    trusted_proxies: Listed[Network] = ()
    nodes: Several[ConfiguredNode] = (ConfiguredNode(id="n1"),)


class LessonSettings(Section):
    """The clock of a lesson."""

    lobby_minutes: NotNegative = 5.0
    archive_after_seconds: NotNegative = 120.0
    leg_silent_after_seconds: NotNegative = 5.0
    reconcile_seconds: Annotated[float, between(1, 300)] = 30.0


class AttendanceSettings(Section):
    """How evidence becomes a status (docs/attendance.md)."""

    grace_seconds: NotNegative = 120.0
    late_after_seconds: NotNegative = 0.0
    early_before_seconds: NotNegative = 120.0
    minimum_share: Annotated[float, between(0, 1)] = 0.5
    gap_tolerance_seconds: NotNegative = 2.5


class DemoSettings(Section):
    """The county that shows itself when the database is empty."""

    enabled: bool = True
    county_file: RootedPath = Path("examples/leizhou.toml")
    lesson_minutes: Annotated[float, between(1, 120)] = 15.0
    classrooms: Annotated[int, between(1, 12)] = 3


class Settings(Section):
    """The whole of config.toml."""

    server: ServerSettings
    data: DataSettings
    log: LogSettings
    relay: RelaySettings
    lessons: LessonSettings
    attendance: AttendanceSettings
    demo: DemoSettings
