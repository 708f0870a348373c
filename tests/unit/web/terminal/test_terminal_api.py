"""Pairing and the day over HTTP, on a real database with the demo county."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import update
from sqlmodel import col

from scheduler.access.ratelimit import Limit
from scheduler.booking.cancel import cancel
from scheduler.lessons.windows import EARLY, OVERTIME
from scheduler.organisation.shapes import RoomView
from scheduler.organisation.tables import Room
from scheduler.terminals import enrolment
from scheduler.terminals import pairing as pairings
from server.relays.tickets import TicketSigner
from tests.support.lessons import book_lesson, rooms_of_school
from tests.support.webclient import MORNING, RELAY_URL, Site, open_site
from web.kit.ports import StageTicket

pytestmark = pytest.mark.asyncio(loop_scope="module")

API = "/api/v1/terminal"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(tmp_path_factory.mktemp("api")) as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    """The one site of this module, back in the morning."""
    running.clock.now = MORNING
    return running


async def begin(site: Site) -> dict[str, Any]:
    visitor = await site.visitor()
    answer = await visitor.client.post(API + "/pairings", json={"user_agent": "Kiosk/1"})
    assert answer.status == 201
    pairing: dict[str, Any] = await answer.json()
    await visitor.close()
    return pairing


async def ask(site: Site, path: str, token: str | None) -> tuple[int, dict[str, Any]]:
    visitor = await site.visitor()
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = await visitor.client.get(API + path, headers=headers)
    body: dict[str, Any] = await answer.json()
    await visitor.close()
    return answer.status, body


async def pair(site: Site, room: RoomView) -> str:
    """Return the device token of a terminal that was approved for `room`."""
    pairing = await begin(site)
    actor = await site.actor("county")
    await enrolment.approve_pairing(
        site.db, site.clock(), actor, pairing["code"], room.id, replace=True
    )
    secret: str = pairing["secret"]
    return secret


async def test_a_pairing_waits_and_is_approved_for_a_room(site: Site) -> None:
    pairing = await begin(site)
    assert set(pairing) == {"id", "code", "secret", "expires_at", "url"}
    assert pairing["url"] == f"http://tongke.test/admin/terminals?code={pairing['code']}"
    assert pairing["expires_at"] > MORNING.timestamp()
    path = f"/pairings/{pairing['id']}"
    assert await ask(site, path, pairing["secret"]) == (200, {"status": "waiting"})
    (room, *_rest) = await rooms_of_school(site, "lz01")
    actor = await site.actor("county")
    await enrolment.approve_pairing(site.db, site.clock(), actor, pairing["code"], room.id)
    assert await ask(site, path, pairing["secret"]) == (
        200,
        {
            "status": "approved",
            "room": {"id": room.id, "name": room.name, "school": room.school_name},
        },
    )


async def test_a_pairing_expires(site: Site) -> None:
    pairing = await begin(site)
    site.clock.forward(minutes=16)
    path = f"/pairings/{pairing['id']}"
    assert await ask(site, path, pairing["secret"]) == (200, {"status": "expired"})


async def test_a_wrong_secret_learns_nothing(site: Site) -> None:
    pairing = await begin(site)
    status, problem = await ask(site, f"/pairings/{pairing['id']}", "guess")
    assert (status, problem["type"].rsplit("/", 1)[1]) == (404, "no-such-pairing")
    status, problem = await ask(site, f"/pairings/{pairing['id']}", None)
    assert (status, problem["type"].rsplit("/", 1)[1]) == (401, "no-token")


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 422), (b'{"user_agent": 1}', 422), (b"", 201)]
)
async def test_a_malformed_request_is_told_so(site: Site, body: bytes, status: int) -> None:
    visitor = await site.visitor()
    answer = await visitor.client.post(API + "/pairings", data=body)
    assert answer.status == status
    await visitor.close()


async def test_pairing_is_limited_and_says_when_to_come_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairings, "PAIRINGS", Limit(2, timedelta(minutes=10)))
    site.clock.forward(hours=3)
    await begin(site)
    await begin(site)
    visitor = await site.visitor()
    answer = await visitor.client.post(API + "/pairings")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    site.clock.forward(minutes=11)
    assert (await visitor.client.post(API + "/pairings")).status == 201
    await visitor.close()


@pytest.mark.parametrize("token", ["unknown", "x" * 200])
async def test_an_unknown_token_is_told_that_it_was_revoked(site: Site, token: str) -> None:
    status, problem = await ask(site, "/day", token)
    assert (status, problem["type"].rsplit("/", 1)[1]) == (401, "terminal-revoked")


async def test_without_a_token_nobody_is_unpaired(site: Site) -> None:
    status, problem = await ask(site, "/day", None)
    assert (status, problem["type"].rsplit("/", 1)[1]) == (401, "no-token")


class Mints:
    """A ticket office that remembers what it was asked; it signs with the real one."""

    def __init__(self, office: TicketSigner) -> None:
        self.office = office
        self.asked: list[tuple[object, ...]] = []

    def mint(self, *order: Any) -> StageTicket:
        self.asked.append(order)
        return self.office.mint(*order)

    def relays(self) -> Any:
        return self.office.relays()


async def name_source(site: Site, room: RoomView, address: str) -> None:
    async with site.services.db.write() as session:
        where = col(Room.id) == room.id
        await session.execute(update(Room).where(where).values(source_url=address))


async def test_the_day_of_a_leg_and_of_its_host(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = MORNING.replace(hour=10, minute=0)
    ends = starts + timedelta(minutes=40)
    lesson_id = await book_lesson(site, "teacher", ["lz14"], "k1", starts)
    (leg_room, *_rest) = await rooms_of_school(site, "lz14")
    token = await pair(site, leg_room)
    office = Mints(site.services.tickets)  # type: ignore[arg-type]
    monkeypatch.setattr(site.services, "tickets", office)
    status, day = await ask(site, "/day", token)
    assert status == 200
    assert day["server_time"] == MORNING.timestamp()
    assert (day["time_zone"], day["refresh_after"]) == ("Asia/Shanghai", 60)
    assert day["relays"] == [{"node": "n1", "url": RELAY_URL}]
    (lesson,) = day["lessons"]
    assert (lesson["id"], lesson["role"], lesson["state"]) == (lesson_id, "LEG", "BOOKED")
    assert lesson["leg_id"]
    assert (lesson["starts_at"], lesson["ends_at"]) == (starts.timestamp(), ends.timestamp())
    assert lesson["lobby_at"] == starts.timestamp() - 300
    assert [leg["room_id"] for leg in lesson["legs"]] == [leg_room.id]
    assert lesson["tickets"]["publish"] is None
    assert lesson["tickets"]["view"].count(".") == 2
    opens = starts - timedelta(minutes=5) - EARLY
    device = day["terminal"]["id"]
    asked = (lesson_id, f"room:{leg_room.id}", "LEG", "view", opens, ends + OVERTIME, device)
    assert office.asked == [asked]

    host_room = await site.room("lz01-rec")
    token = await pair(site, host_room)
    _status, day = await ask(site, "/day", token)
    (lesson,) = day["lessons"]
    assert (lesson["role"], lesson["leg_id"]) == ("HOST", None)
    assert lesson["tickets"]["publish"].count(".") == 2
    assert [order[2:4] for order in office.asked[1:]] == [("HOST", "publish"), ("HOST", "view")]

    await name_source(site, host_room, "rtsp://10.1.2.3/live")
    assert (await ask(site, "/day", token))[1]["lessons"] == []  # its recording host gives it
    await name_source(site, host_room, "")


async def test_a_lesson_of_tomorrow_is_not_today(site: Site) -> None:
    tomorrow = MORNING.replace(hour=10) + timedelta(days=1)
    await book_lesson(site, "teacher", ["lz15"], "k2", tomorrow)
    (leg_room, *_rest) = await rooms_of_school(site, "lz15")
    token = await pair(site, leg_room)
    site.clock.now = tomorrow.replace(hour=0, minute=0) - timedelta(seconds=1)
    assert (await ask(site, "/day", token))[1]["lessons"] == []
    site.clock.forward(seconds=1)  # a local day begins at local midnight
    assert len((await ask(site, "/day", token))[1]["lessons"]) == 1


async def test_a_cancelled_lesson_is_listed_without_tickets(site: Site) -> None:
    starts = MORNING.replace(hour=15, minute=0)
    lesson_id = await book_lesson(site, "teacher", ["lz16"], "k3", starts)
    await cancel(site.db, site.clock(), await site.actor("teacher"), lesson_id, "停电")
    (leg_room, *_rest) = await rooms_of_school(site, "lz16")
    (lesson,) = (await ask(site, "/day", await pair(site, leg_room)))[1]["lessons"]
    assert lesson["state"] == "CANCELLED"
    assert lesson["tickets"] == {"publish": None, "view": None}
