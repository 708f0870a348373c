"""Every setting of Tongke as frozen types. Pure; `loading` fills them from config.toml."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The pages: where they listen and how browsers reach them."""

    host: str = "127.0.0.1"
    port: int = 8700
    public_url: str = "http://127.0.0.1:8700"
    languages: tuple[str, ...] = ("zh_CN", "en")
    time_zone: str = "Asia/Shanghai"
    trust_proxy: bool = False

    @property
    def secure(self) -> bool:
        """Whether browsers come by HTTPS, so that cookies may insist on it."""
        return urlsplit(self.public_url).scheme == "https"


@dataclass(frozen=True, slots=True)
class DataSettings:
    """Where things are kept. A relative path starts at the folder of config.toml."""

    directory: Path = Path("data")
    database_url: str = "sqlite+aiosqlite:///data/tongke.db"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the log says, and in which form."""

    level: str = "INFO"
    format: str = "json"


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """One relay node. `announce` are the addresses that its ICE candidates carry; `turn` servers
    that clients are given ("URL,user,credential"); `max_bitrate` is in bit/s a publisher.

    A block of config.toml may stand for `count` of them (`fleet`); read settings have 1.
    """

    id: str
    count: int = 1
    spawn: bool = True
    http_host: str = "127.0.0.1"
    http_port: int = 8701
    udp_host: str = "127.0.0.1"
    udp_port: int = 8701
    announce: tuple[str, ...] = ("127.0.0.1",)
    control_url: str = ""
    public_url: str = ""
    turn: tuple[str, ...] = ()
    max_bitrate: int = 3_400_000
    max_peers: int = 1000

    @property
    def control(self) -> str:
        """Where the coordinator reaches the node's HTTP interface, without a trailing slash."""
        return self.control_url.rstrip("/") or f"http://{self.http_host}:{self.http_port}"

    @property
    def public(self) -> str:
        """Where browsers reach it: an address, or a path under the pages' own origin."""
        return self.public_url.rstrip("/") or self.control


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """The relay nodes, and whether this process starts those with a `spawn` of their own;
    `trusted_proxies` are addresses or networks in front of the nodes."""

    spawn: bool = True
    extra_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    nodes: tuple[NodeSettings, ...] = field(default_factory=lambda: (NodeSettings("n1"),))


@dataclass(frozen=True, slots=True)
class LessonSettings:
    """The clock of a lesson."""

    lobby_minutes: float = 5.0
    archive_after_seconds: float = 120.0
    leg_silent_after_seconds: float = 5.0
    reconcile_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class AttendanceSettings:
    """How evidence becomes a status (docs/attendance.md)."""

    grace_seconds: float = 120.0
    late_after_seconds: float = 0.0
    early_before_seconds: float = 120.0
    minimum_share: float = 0.5
    gap_tolerance_seconds: float = 2.5


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """The county that shows itself when the database is empty."""

    enabled: bool = True
    county_file: Path = Path("examples/leizhou.toml")
    lesson_minutes: float = 15.0
    classrooms: int = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole of config.toml. `home` is the folder that relative paths start from."""

    home: Path
    server: ServerSettings = ServerSettings()
    data: DataSettings = DataSettings()
    log: LogSettings = LogSettings()
    relay: RelaySettings = RelaySettings()
    lessons: LessonSettings = LessonSettings()
    attendance: AttendanceSettings = AttendanceSettings()
    demo: DemoSettings = DemoSettings()
