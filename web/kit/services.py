"""What the pages work with. `server/app.py` builds one `Services`; handlers read it."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from aiohttp import web as http

from scheduler.access.actor import Actor
from scheduler.evidence.policy import AttendancePolicy
from scheduler.kernel.clock import Clock
from scheduler.kernel.database import Database
from scheduler.lessons.timing import Timing
from scheduler.organisation.sealing import Seal
from web.kit.live import LiveHub
from web.kit.ports import RelayNodes, RelayPlacement, TicketIssuer


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account printed on the sign-in page. Only the demo has any."""

    login: str
    password: str
    note: str


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`public_url` without a trailing slash; `trust_proxy`: believe X-Forwarded-For and -Proto."""

    public_url: str
    secure_cookies: bool = False
    languages: tuple[str, ...] = ("zh_CN", "en")
    time_zone: str = "Asia/Shanghai"
    version: str = ""
    demo_accounts: tuple[DemoAccount, ...] = ()
    trust_proxy: bool = False

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(slots=True)
class Services:
    """Everything a handler may touch."""

    db: Database
    clock: Clock
    tickets: TicketIssuer
    relay: RelayNodes
    placement: RelayPlacement
    live: LiveHub
    settings: WebSettings
    policy: AttendancePolicy = field(default_factory=AttendancePolicy)
    timing: Timing = field(default_factory=Timing)
    seal: Seal | None = None  # encrypts the addresses of recording hosts


SERVICES = http.AppKey("services", Services)
ACTOR = http.RequestKey("actor", Actor)
"""Who is signed in; absent on a request without a session."""

CSRF = http.RequestKey("csrf", str)
"""The token that this request's forms and scripts must send back."""


def services_of(request: http.Request) -> Services:
    """Return the services of the application that serves `request`."""
    return request.app[SERVICES]
