"""The commands about relay nodes: how they are, which takes no new lessons, a ticket for one."""

import argparse
import asyncio
import logging
from collections.abc import Mapping, Sequence
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import aiohttp
from sqlalchemy.exc import SQLAlchemyError

from media.contract.subjects import Subject
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.lessons.predicates import OVER
from scheduler.lessons.views import lesson_view
from scheduler.lessons.windows import person_window
from scheduler.placement.placing import draining, lessons_to_come, set_draining
from scheduler.placement.ranking import NodeVitals
from server.cli.commands import CommandError, settings_of, with_database
from server.cli.relay_status import node_lines
from server.config.settings import ConfiguredNode, Settings
from server.config.translation import relays_of, timing_of
from server.process.keys import open_keyring
from server.relays.control import ControlClient, NodeRefused, NodeUnreachable
from server.relays.nodes import ConfiguredNodes
from server.relays.placement import NodePlacement
from server.relays.tickets import TicketSigner
from web.kit.ports import RelayAddress

LOG = logging.getLogger(__name__)

DATABASE_TIMEOUT = 5.0
"""Seconds; the database only adds to what the nodes answer."""


def relay_status(options: argparse.Namespace) -> int:
    """Print every node, stage and viewer in figures; exit code 1 when a node does not answer."""
    settings = settings_of(options)

    async def work() -> bool:
        async with aiohttp.ClientSession() as http:
            clients = _clients(settings, http)
            nodes = ConfiguredNodes(settings.relay.nodes, clients)
            entries, stats = await nodes.status(), await nodes.stats()
        drained = await _drained(Database(settings.data.database_url))
        for entry in entries:
            node = entry.id
            print("\n".join(node_lines(entry, stats.get(node), is_draining=node in drained)))
        return all(entry.reachable for entry in entries)

    return 0 if asyncio.run(work()) else 1


async def _drained(db: Database) -> frozenset[str]:
    """Return the nodes that take no new lessons; empty, with a warning, when the database fails.

    A command that only reads neither makes a database nor migrates it: there may be none yet.
    """
    if not db.exists():
        return frozenset()
    try:
        async with asyncio.timeout(DATABASE_TIMEOUT), db.read() as session:
            return await draining(session)
    except (SQLAlchemyError, OSError) as error:
        LOG.warning("drained nodes are not marked: the database failed: %s", type(error).__name__)
        return frozenset()
    finally:
        await db.close()


def relay_drain(options: argparse.Namespace) -> int:
    """Let a node take no new lessons, or take them again."""
    settings = settings_of(options)
    known = [node.id for node in settings.relay.nodes]
    if options.node not in known:
        raise CommandError(f"no relay node {options.node!r} in config.toml: {', '.join(known)}")

    async def work(db: Database) -> None:
        await set_draining(db, options.node, not options.undo)
        async with db.read() as session:
            waiting = await lessons_to_come(session, system_clock())
        if options.undo:
            print(f"{options.node} takes new lessons again")
            return
        print(f"{options.node} takes no new lessons")
        count = waiting.get(options.node, 0)
        print(f"placed on it: {count}; those whose lobby is not open yet move within a minute")

    asyncio.run(with_database(settings, work))
    return 0


def ticket(options: argparse.Namespace) -> int:
    """Print what a WHIP or WHEP client needs to publish and watch as the host teacher."""
    settings = settings_of(options)

    async def work(db: Database) -> None:
        async with db.read() as session:
            lesson = await lesson_view(session, options.lesson)
        if lesson.state in OVER:
            raise CommandError(f"this lesson is {lesson.state.value}: it has no more tickets")
        relays = await _relays_of_lesson(settings, db, lesson.id)
        signer = TicketSigner(open_keyring(settings.data.directory / "keys").signing, relays)
        window = person_window(lesson.starts_at, lesson.ends_at, timing_of(settings.lessons))
        opens, closes = window.opens, window.closes
        person = Subject.person(lesson.host_teacher.id)
        zone = ZoneInfo(settings.server.time_zone)
        times = " to ".join(f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (opens, closes))
        print(f"{lesson.title}, {lesson.host_teacher.name}: {times}")
        for endpoint, grant in (("whip", "publish"), ("whep", "view")):
            minted = signer.mint(lesson.id, person, "HOST", grant, opens, closes)
            node = urljoin(settings.server.public_url, relays[0].url)
            print(f"\n{grant}  {node}/{endpoint}/{lesson.id}\n{minted.token}")

    asyncio.run(with_database(settings, work))
    return 0


async def _relays_of_lesson(
    settings: Settings, db: Database, lesson_id: str
) -> Sequence[RelayAddress]:
    """Return the lesson's nodes in its order; it is placed now if it was not before."""
    nodes = settings.relay.nodes
    async with aiohttp.ClientSession() as http:
        vitals = await _vitals(nodes, _clients(settings, http)) if len(nodes) > 1 else []
    timing, relays = timing_of(settings.lessons), relays_of(settings.relay)
    placement = NodePlacement(db, system_clock, timing, relays, lambda: vitals)
    return (await placement.relays([lesson_id]))[lesson_id]


async def _vitals(
    nodes: Sequence[ConfiguredNode], clients: Mapping[str, ControlClient]
) -> list[NodeVitals]:
    """Ask every node once how it is."""

    async def of(node: ConfiguredNode) -> NodeVitals:
        try:
            hello = await clients[node.id].hello()
        except (NodeUnreachable, NodeRefused):
            return NodeVitals(node.id, node.max_peers, alive=False)
        alive = hello.node == node.id
        return NodeVitals(
            node.id, node.max_peers, alive, hello.common is None, hello.cpu_utilization
        )

    return await asyncio.gather(*map(of, nodes))


def _clients(settings: Settings, http: aiohttp.ClientSession) -> dict[str, ControlClient]:
    secret = open_keyring(settings.data.directory / "keys").node_secret
    return {node.id: ControlClient(node.control, secret, http) for node in settings.relay.nodes}
