"""A terminal's way into a room, and out again."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from scheduler.access.roles import Role
from scheduler.events.tables import EventRow
from scheduler.kernel.errors import Forbidden, NotFound
from scheduler.organisation.tables import Room
from scheduler.terminals import enrolment
from scheduler.terminals import pairing as pairings
from scheduler.terminals.enrolment import RoomOccupied
from scheduler.terminals.pairing import CODE_LIFETIME
from scheduler.terminals.shapes import Pairing, PairingStatus, TerminalView
from scheduler.terminals.states import TerminalState
from scheduler.terminals.tables import PairingCode, Terminal
from scheduler.terminals.views import enrolled_terminals
from tests.support.county import NOW, Town

WAITING = PairingStatus("waiting", None)
EXPIRED = PairingStatus("expired", None)


async def begin(town: Town) -> Pairing:
    return await pairings.begin_pairing(town.db, NOW, "Chromium 109", "10.1.x.x")


async def approve(
    town: Town, code: str, room: str = "east-1", *, school: str = "east", replace: bool = False
) -> TerminalView:
    admin = town.actor(Role.SCHOOL_ADMIN, school, f"{school}-a")
    room_id = town.rooms[room].id
    return await enrolment.approve_pairing(town.db, NOW, admin, code, room_id, replace=replace)


async def of_token(town: Town, token: str) -> str | None:
    async with town.db.read() as session:
        found = await enrolment.terminal_of_token(session, token)
    return None if found is None else found.id


async def test_a_terminal_waits_is_approved_and_holds_its_token(town: Town) -> None:
    pairing = await begin(town)
    assert pairing.expires_at == NOW + CODE_LIFETIME
    status = await pairings.pairing_status(town.db, NOW, pairing.id, pairing.secret)
    assert status == WAITING
    (pending,) = await pairings.pending_pairings(town.db, NOW)
    assert (pending.code, pending.user_agent) == (pairing.code, "Chromium 109")
    assert await of_token(town, pairing.secret) is None

    terminal = await approve(town, f" {pairing.code.lower()} ")
    assert (terminal.room, terminal.name) == (town.rooms["east-1"], "east-1")
    status = await pairings.pairing_status(town.db, NOW, pairing.id, pairing.secret)
    assert status == PairingStatus("approved", town.rooms["east-1"])
    assert await of_token(town, pairing.secret) == terminal.id
    assert await of_token(town, pairing.secret + "x") is None
    assert await pairings.pending_pairings(town.db, NOW) == []


async def test_secrets_are_stored_as_hashes_only(town: Town) -> None:
    pairing = await begin(town)
    await approve(town, pairing.code)
    async with town.db.read() as session:
        row = (await session.execute(select(PairingCode))).scalar_one()
        terminal = (await session.execute(select(Terminal))).scalar_one()
    stored = repr(row.model_dump()) + repr(terminal.model_dump())
    assert pairing.secret not in stored
    assert terminal.token_hash == pairings.hash_token(pairing.secret)


async def test_a_pairing_is_told_to_its_own_terminal_only(town: Town) -> None:
    mine, other = await begin(town), await begin(town)
    with pytest.raises(NotFound):
        await pairings.pairing_status(town.db, NOW, mine.id, other.secret)
    with pytest.raises(NotFound):
        await pairings.pairing_status(town.db, NOW, "0" * 16, mine.secret)


async def test_a_code_expires(town: Town) -> None:
    pairing = await begin(town)
    late = NOW + CODE_LIFETIME
    assert await pairings.pairing_status(town.db, late, pairing.id, pairing.secret) == EXPIRED
    assert await pairings.pending_pairings(town.db, late) == []
    admin = town.actor(Role.SCHOOL_ADMIN, "east", "east-a")
    room_id = town.rooms["east-1"].id
    with pytest.raises(NotFound):
        await enrolment.approve_pairing(town.db, late, admin, pairing.code, room_id)


async def test_codes_that_nobody_approved_are_forgotten(town: Town) -> None:
    old, kept = await begin(town), await begin(town)
    await approve(town, kept.code)
    later = NOW + CODE_LIFETIME + timedelta(days=1, seconds=1)
    new = await pairings.begin_pairing(town.db, later, "", "")
    async with town.db.read() as session:
        ids = set((await session.execute(select(PairingCode.id))).scalars())
    assert ids == {kept.id, new.id}
    with pytest.raises(NotFound):
        await pairings.pairing_status(town.db, later, old.id, old.secret)


async def test_only_whoever_has_the_room_approves(town: Town) -> None:
    pairing = await begin(town)
    with pytest.raises(Forbidden):
        await approve(town, pairing.code, school="west")
    teacher = town.actor(Role.TEACHER, "east", "east-t")
    with pytest.raises(Forbidden):
        await enrolment.approve_pairing(
            town.db, NOW, teacher, pairing.code, town.rooms["east-1"].id
        )
    status = await pairings.pairing_status(town.db, NOW, pairing.id, pairing.secret)
    assert status == WAITING


async def test_a_wrong_code_or_a_room_out_of_use_is_not_found(town: Town) -> None:
    pairing = await begin(town)
    with pytest.raises(NotFound):
        await approve(town, "??????")
    async with town.db.write() as session:
        (await session.get_one(Room, town.rooms["east-1"].id)).active = False
    with pytest.raises(NotFound):
        await approve(town, pairing.code)


async def test_a_code_serves_once(town: Town) -> None:
    pairing = await begin(town)
    await approve(town, pairing.code)
    with pytest.raises(NotFound):
        await approve(town, pairing.code, "east-2")


async def test_a_room_has_one_terminal_unless_it_is_replaced(town: Town) -> None:
    old, new = await begin(town), await begin(town)
    first = await approve(town, old.code)
    with pytest.raises(RoomOccupied) as occupied:
        await approve(town, new.code)
    assert occupied.value.terminal.id == first.id
    second = await approve(town, new.code, replace=True)
    assert await of_token(town, old.secret) is None
    assert await of_token(town, new.secret) == second.id
    async with town.db.read() as session:
        live = await enrolled_terminals(session)
        ever = await enrolled_terminals(session, with_revoked=True)
    assert [one.id for one in live] == [second.id]
    assert {one.id for one in ever} == {first.id, second.id}
    expired = await pairings.pairing_status(town.db, NOW, old.id, old.secret)
    assert expired == EXPIRED


async def test_two_admins_at_once_leave_one_terminal_in_the_room(town: Town) -> None:
    codes = [(await begin(town)).code for _ in range(4)]
    results = await asyncio.gather(*(approve(town, code) for code in codes), return_exceptions=True)
    kinds = sorted(type(one).__name__ for one in results)
    assert kinds == ["RoomOccupied"] * 3 + ["TerminalView"]
    async with town.db.read() as session:
        assert len(await enrolled_terminals(session)) == 1


async def test_two_admins_approve_one_code_once(town: Town) -> None:
    pairing = await begin(town)
    results = await asyncio.gather(
        approve(town, pairing.code, "east-1"),
        approve(town, pairing.code, "east-2"),
        return_exceptions=True,
    )
    kinds = sorted(type(one).__name__ for one in results)
    assert kinds == ["NotFound", "TerminalView"]


async def test_a_revoked_terminal_is_no_terminal(town: Town) -> None:
    pairing = await begin(town)
    terminal = await approve(town, pairing.code)
    stranger = town.actor(Role.SCHOOL_ADMIN, "west", "west-a")
    with pytest.raises(Forbidden):
        await enrolment.revoke_terminal(town.db, NOW, stranger, terminal.id)
    admin = town.actor(Role.SCHOOL_ADMIN, "east", "east-a")
    revoked = await enrolment.revoke_terminal(town.db, NOW, admin, terminal.id)
    later = NOW + timedelta(hours=1)
    again = await enrolment.revoke_terminal(town.db, later, admin, terminal.id)
    assert (revoked.revoked_at, again.revoked_at) == (NOW, NOW)
    assert await of_token(town, pairing.secret) is None
    await enrolment.report_state(town.db, later, terminal.id, TerminalState.READY, {})
    async with town.db.read() as session:
        (view,) = await enrolled_terminals(session, with_revoked=True)
        events = (await session.execute(select(EventRow))).scalars().all()
    assert (view.state, view.last_seen_at) == (TerminalState.UNENROLLED, None)
    told = [(one.kind, one.summary) for one in events if one.kind.startswith("terminal.")]
    assert told == [
        ("terminal.approve", view.room.full_name),
        ("terminal.revoke", view.room.full_name),
    ]
    assert view.room.full_name == f"{view.room.school_name} {view.room.name}"
    with pytest.raises(NotFound):
        await enrolment.revoke_terminal(town.db, NOW, admin, "0" * 16)


async def test_a_terminal_reports_its_state(town: Town) -> None:
    pairing = await begin(town)
    terminal = await approve(town, pairing.code)
    detail: dict[str, object] = {"muted": True}
    await enrolment.report_state(town.db, NOW, terminal.id, TerminalState.READY, detail)
    async with town.db.read() as session:
        view = await enrolment.terminal_of_token(session, pairing.secret)
    assert view is not None
    assert (view.state, view.detail, view.last_seen_at) == (TerminalState.READY, detail, NOW)
