"""The web application on a fresh SQLite database with the demo county, and people signed in to it.

Relay nodes are out of reach here: `SilentRelay` is the port's answer for that case, and it
remembers what was asked of it.
"""

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from joserfc.jwk import OKPKey
from sqlalchemy import select
from sqlmodel import col

from media.contract.stats import NodeStats
from scheduler.access.accounts import load_actor
from scheduler.access.actor import Actor
from scheduler.access.tables import Account
from scheduler.events.kinds import Event, EventKind
from scheduler.events.reading import events_after
from scheduler.events.waking import Waking
from scheduler.exchange.imports.importer import load_county, parse_county
from scheduler.kernel.database import Database
from scheduler.migrations.run import upgrade
from scheduler.organisation import directory
from scheduler.organisation.shapes import RoomView
from server.jobs.events import News, follow
from server.process.keys import SigningKey
from server.relays.tickets import TicketSigner
from web.app import make_app
from web.kit.live import LiveHub
from web.kit.ports import NodeStatus, RelayAddress
from web.kit.services import DemoAccount, Services, WebSettings

COUNTY = Path(__file__).parents[2] / "examples" / "leizhou.toml"
ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 18, 9, 38, tzinfo=ZONE)
"""A taught Wednesday of the demo's autumn term, between the second and the third period."""

PASSWORD = "tongke-demo-2026"
LOGINS = ("county", "supervisor", "community", "school", "teacher", "teacher2", "assistant")
RELAY_URL = "http://127.0.0.1:9"


class SteppedClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


async def nothing_rings() -> None:
    """Stand for the alarm clock where no clock runs."""


class SilentRelay:
    """web.kit.ports.RelayNodes when no node answers."""

    async def status(self) -> Sequence[NodeStatus]:
        return [NodeStatus("n1", RELAY_URL)]

    async def stats(self) -> Mapping[str, NodeStats]:
        return {}


@dataclass
class GivenOrder:
    """web.kit.ports.RelayPlacement that gives every lesson the nodes as they are listed."""

    listed: Callable[[], Sequence[RelayAddress]]

    async def relays(self, lesson_ids: Collection[str]) -> Mapping[str, Sequence[RelayAddress]]:
        return {lesson_id: self.listed() for lesson_id in lesson_ids}


@dataclass
class Site:
    """The services, the clock and the address of one running application."""

    services: Services
    clock: SteppedClock
    relay: SilentRelay
    server: TestServer
    days_used: int = 0
    visitors: list["Visitor"] = field(default_factory=list)

    @property
    def db(self) -> Database:
        return self.services.db

    async def events(self, kind: EventKind) -> list[Event]:
        """Return everything of this kind that was written, in its order."""
        async with self.db.read() as session:
            return [one for one in await events_after(session, 0, 10_000) if one.kind is kind]

    async def visitor(self) -> "Visitor":
        visitor = Visitor(TestClient(self.server))
        self.visitors.append(visitor)
        return visitor

    async def sign_in(self, login: str) -> "Visitor":
        """Return a browser in which `login` is signed in."""
        visitor = await self.visitor()
        await visitor.sign_in(login, PASSWORD)
        return visitor

    async def actor(self, login: str) -> Actor:
        async with self.db.read() as session:
            found = await session.execute(select(Account).where(col(Account.login) == login))
            return await load_actor(session, found.scalar_one().id, self.clock())

    async def room(self, code: str) -> RoomView:
        async with self.db.read() as session:
            rooms = await directory.rooms(session)
        return next(room for room in rooms if room.code == code)


class Visitor:
    """A browser without scripts: cookies, forms with their token, JSON calls with the header."""

    def __init__(self, client: TestClient[Any, Any]) -> None:
        self.client = client
        self.token = ""

    async def get(self, path: str, **options: Any) -> ClientResponse:
        response = await self.client.get(path, allow_redirects=False, **options)
        self._learn(await response.text())
        return response

    async def post(
        self, path: str, fields: Mapping[str, Any] | Sequence[tuple[str, Any]], **options: Any
    ) -> ClientResponse:
        """Send a form with the token of the last page that held one."""
        pairs = [*(fields.items() if isinstance(fields, Mapping) else fields)]
        data = [("csrf_token", self.token), *pairs]
        return await self.client.post(path, data=data, allow_redirects=False, **options)

    async def call(self, method: str, path: str, body: Any = None) -> ClientResponse:
        """Call the JSON API as the page's scripts do."""
        headers = {"X-CSRF-Token": self.token}
        return await self.client.request(
            method, path, json=body, headers=headers, allow_redirects=False
        )

    async def sign_in(self, login: str, password: str) -> ClientResponse:
        await self.get("/sign-in")
        response = await self.post("/sign-in", {"login": login, "password": password})
        if response.status == 303:
            await self.get("/timetable")
        return response

    async def close(self) -> None:
        await self.client.session.close()

    def _learn(self, page: str) -> None:
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        if found:
            self.token = found.group(1)


@asynccontextmanager
async def open_site(directory_: Path, clock: Any = None, **settings: Any) -> AsyncIterator[Site]:
    """Run the application on a fresh database below `directory_`."""
    shutil.copy(await demo_database(), directory_ / "web.db")
    db = Database(f"sqlite+aiosqlite:///{directory_}/web.db")
    async with serving(db, clock or SteppedClock(), **settings) as site:
        yield site


@asynccontextmanager
async def serving(db: Database, clock: SteppedClock, **settings: Any) -> AsyncIterator[Site]:
    """Run the application on this database, which is closed at the end."""
    relay = SilentRelay()
    tickets = TicketSigner(signing_key(), [RelayAddress("n1", RELAY_URL)])
    accounts = tuple(DemoAccount(login, PASSWORD, login) for login in LOGINS)
    services = Services(
        db=db,
        clock=clock,
        tickets=tickets,
        relay=relay,
        placement=GivenOrder(lambda: services.tickets.relays()),  # noqa: PLW0108 - tests replace it
        live=LiveHub(),
        settings=WebSettings(
            public_url="http://tongke.test", version="test", demo_accounts=accounts, **settings
        ),
    )
    server = TestServer(make_app(services))
    site = Site(services, clock, relay, server)
    news, waking = News(db, services.live, nothing_rings), Waking(db)
    await news.begin()
    following = asyncio.create_task(follow("news", news.step, waking))
    await server.start_server()
    try:
        yield site
    finally:
        for visitor in site.visitors:
            await visitor.close()
        await server.close()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await db.close()


async def demo_database() -> Path:
    """Return a database with the demo county, made once a process: its passwords cost seconds."""
    if not _made:
        folder = tempfile.TemporaryDirectory(prefix="tongke-web-")
        _made.append(folder)
        url = f"sqlite+aiosqlite:///{folder.name}/web.db"
        await upgrade(url)
        db = Database(url)
        plan = parse_county(COUNTY.read_text("utf-8"), allow_passwords=True)
        await load_county(db, MORNING, plan, None)
        await db.close()
    return Path(_made[0].name) / "web.db"


_made: "list[tempfile.TemporaryDirectory[str]]" = []


def signing_key() -> SigningKey:
    """Return a key that signs tickets for this run alone."""
    key = OKPKey.generate_key("Ed25519", parameters={"kid": "test"})
    return SigningKey("test", key)
