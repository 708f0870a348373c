"""`tongke ticket`: what a WHIP or WHEP client of another maker is given."""

import asyncio
import re
from pathlib import Path

import pytest

from media.contract.tickets import Grant, TicketRole
from media.node.admission.keyring import Keyring
from scheduler.booking.book import book
from scheduler.booking.cancel import cancel
from scheduler.kernel.database import Database
from scheduler.migrations.run import upgrade
from server.cli.main import main
from tests.support.county import NOW, settle


@pytest.fixture
def configuration(tmp_path: Path) -> tuple[str, str]:
    """A configuration of a fresh data folder, and the URL of its database."""
    url = f"sqlite+aiosqlite:///{tmp_path}/county.db"
    text = f"[data]\ndirectory = '{tmp_path}/data'\ndatabase_url = '{url}'\n"
    text += "[[relay.nodes]]\nid = 'n1'\npublic_url = '/relay/n1'\n"
    file = tmp_path / "config.toml"
    file.write_text(text)
    return str(file), url


async def booked(url: str, *, cancelled: bool = False) -> tuple[str, str]:
    """Book the small county's usual lesson; return it and its host teacher."""
    await upgrade(url)
    db = Database(url)
    town = await settle(db)
    lesson = (await book(db, NOW, town.teacher, town.command())).lesson_id
    if cancelled:
        await cancel(db, NOW, town.teacher, lesson, "no power")
    await db.close()
    return lesson, town.people["core-t"].id


def test_it_prints_addresses_and_tickets_of_the_host_teacher(
    configuration: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, url = configuration
    lesson, teacher = asyncio.run(booked(url))
    assert main(["--config", file, "ticket", lesson]) == 0
    told = capsys.readouterr().out
    found = re.findall(r"^(publish|view)  (\S+)\n(\S+)$", told, re.MULTILINE)
    node = "http://127.0.0.1:8700/relay/n1"
    assert [address for _grant, address, _token in found] == [
        f"{node}/whip/{lesson}",
        f"{node}/whep/{lesson}",
    ]
    keyring = Keyring(tmp_path / "data/keys/public.json")
    for grant, _address, token in found:
        claims = keyring.verify(token)
        assert (claims.stage, claims.subject) == (lesson, f"person:{teacher}")
        assert (claims.grant, claims.role) == (Grant(grant), TicketRole.HOST)


def test_a_lesson_that_is_unknown_or_over_has_no_tickets(
    configuration: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    file, url = configuration
    lesson, _teacher = asyncio.run(booked(url, cancelled=True))
    assert main(["--config", file, "ticket", "nothing"]) == 2
    assert main(["--config", file, "ticket", lesson]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[-2:] == [
        "tongke: no such lesson",
        "tongke: this lesson is CANCELLED: it has no more tickets",
    ]
