"""The demo county as a file of its own, in a zone where it is mid-morning, loaded into a product.

Lessons are booked for the next moments; a test that ran over midnight would meet two days.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.exchange.imports.importer import load_county, parse_county
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.migrations.run import upgrade
from tests.support.coordinator import CoordinatorProcess
from tests.support.nodes import ROOT

EXTRA = """
[server]
port = {port}
public_url = "http://127.0.0.1:{port}"
time_zone = "{zone}"

[relay]
spawn = {spawn}

{nodes}
[attendance]
grace_seconds = 5.0
early_before_seconds = 5.0
minimum_share = 0.1

[demo]
enabled = false
"""


def morning_zone(now: datetime) -> ZoneInfo:
    """Return a zone of whole hours where it is about ten in the morning at `now` (UTC)."""
    ahead = (10 - now.hour + 12) % 24 - 12
    sign = "-" if ahead >= 0 else "+"  # the Etc zones count the other way round
    return ZoneInfo(f"Etc/GMT{sign}{abs(ahead)}" if ahead else "Etc/GMT")


async def found_county(product: CoordinatorProcess) -> ZoneInfo:
    """Write the configuration, load the county with its demo accounts; return its zone."""
    zone = morning_zone(system_clock())
    product.config.write_text(
        EXTRA.format(
            port=product.port,
            nodes=product.node_blocks(),
            spawn=str(product.spawn).lower(),
            zone=zone.key,
        )
    )
    text = (ROOT / "examples" / "leizhou.toml").read_text("utf-8")
    text = text.replace('time_zone = "Asia/Shanghai"', f'time_zone = "{zone.key}"')
    (product.folder / "data").mkdir(exist_ok=True, mode=0o700)
    url = f"sqlite+aiosqlite:///{product.folder / 'data' / 'tongke.db'}"
    await upgrade(url)
    database = Database(url)
    try:
        await load_county(database, system_clock(), parse_county(text, allow_passwords=True), None)
    finally:
        await database.close()
    return zone


def next_times(zone: ZoneInfo, lead: float = 20.0) -> tuple[datetime, datetime]:
    """Return start and end of ten minutes that begin in `lead` seconds, on a whole second."""
    soonest = system_clock().astimezone(zone) + timedelta(seconds=lead + 1)
    starts = soonest.replace(microsecond=0)
    return starts, starts + timedelta(minutes=10)


def seconds_until(moment: datetime) -> float:
    return max(0.0, (moment - system_clock()).total_seconds())
