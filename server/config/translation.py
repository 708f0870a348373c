"""Settings into the shapes that the other folders take. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from scheduler.evidence.policy import AttendancePolicy
from scheduler.lessons.timing import Timing
from server import __version__
from server.config.settings import AttendanceSettings, LessonSettings, RelaySettings, Settings
from web.kit.ports import RelayAddress
from web.kit.services import DemoAccount, WebSettings

LOOPBACKS = ("127.0.0.1", "localhost")


def policy_of(settings: AttendanceSettings) -> AttendancePolicy:
    return AttendancePolicy(
        grace=timedelta(seconds=settings.grace_seconds),
        late_after=timedelta(seconds=settings.late_after_seconds),
        early_before=timedelta(seconds=settings.early_before_seconds),
        minimum_share=settings.minimum_share,
        gap_tolerance=timedelta(seconds=settings.gap_tolerance_seconds),
    )


def timing_of(settings: LessonSettings) -> Timing:
    return Timing(
        lobby_before=timedelta(minutes=settings.lobby_minutes),
        archive_after=timedelta(seconds=settings.archive_after_seconds),
        leg_silent_after=timedelta(seconds=settings.leg_silent_after_seconds),
    )


def relays_of(settings: RelaySettings) -> tuple[RelayAddress, ...]:
    return tuple(RelayAddress(node.id, node.public) for node in settings.nodes)


def origins_of(settings: Settings) -> tuple[str, ...]:
    """Return the origins whose pages may talk to nodes; this machine goes by two names."""
    parts = urlsplit(settings.server.public_url)
    hosts = LOOPBACKS if parts.hostname in LOOPBACKS else (parts.hostname,)
    port = f":{parts.port}" if parts.port else ""
    own = [f"{parts.scheme}://{host}{port}" for host in hosts]
    return tuple(dict.fromkeys([*own, *settings.relay.extra_origins]))


def web_settings_of(settings: Settings, accounts: Sequence[DemoAccount]) -> WebSettings:
    server = settings.server
    return WebSettings(
        public_url=server.public_url.rstrip("/"),
        secure_cookies=server.secure,
        languages=server.languages,
        time_zone=server.time_zone,
        version=__version__,
        demo_accounts=tuple(accounts),
        trust_proxy=server.trust_proxy,
    )
