"""An upgrade with a lesson on the node: real nodes of neighbouring versions, and their journals."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web as http
from aiohttp.test_utils import TestServer

from media.contract.control import OLDEST_NODE, PROTOCOL, NodeHello
from media.contract.journal import RecordKind
from media.contract.messages import Hello
from media.contract.subjects import Subject
from scheduler.evidence.ledger import position
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.migrations.run import upgrade
from server.config.settings import ConfiguredNode
from server.jobs.journal import JournalReader
from server.process.processes import is_alive
from server.relays.control import ControlClient, NodeRefused, NodeUnreachable
from server.relays.launch import Launch
from server.relays.supervision import NodeState, NodeSupervisor
from server.relays.tickets import TicketSigner
from tests.support.nodes import NodeHouse
from tests.support.waiting import soon

HOUR = timedelta(hours=1)

VERSIONED = """
import sys
from media.contract import control
control.PROTOCOL, control.OLDEST_COORDINATOR = {protocol}, {protocol}
from media.node.__main__ import main
sys.exit(main())
"""
"""A node as another version of this program would start it."""


@dataclass(frozen=True, slots=True)
class OtherVersion(Launch):
    """Starts nodes that speak one version of the control API, and that alone."""

    protocol: int = PROTOCOL

    def command(self, node: ConfiguredNode) -> Sequence[str]:
        program, _dash_m, _module, *arguments = Launch.command(self, node)
        return [program, "-c", VERSIONED.format(protocol=self.protocol), *arguments]


class Site:
    """One node's folder, and supervisors over it: of this version, as a coordinator has them."""

    def __init__(self, folder: Path, session: aiohttp.ClientSession) -> None:
        self.house, self.session = NodeHouse(folder), session
        self.client = self.house.client(session)
        self.ready: asyncio.Queue[NodeHello] = asyncio.Queue()

    async def run_other(self, protocol: int) -> NodeHello:
        """Start a node of another version, as its own coordinator did before the upgrade."""
        ours = self.house.launch
        launch = OtherVersion(
            ours.data, ours.keys_file, ours.secret_file, ours.origins, ours.root, (), protocol
        )
        launch.prepare(self.house.node)
        log = self.house.folder / "other.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *launch.command(self.house.node), stdout=output, stderr=output, cwd=ours.root
            )

        async def answers() -> bool:
            try:
                return (await self.client.hello()).pid == process.pid
            except (NodeUnreachable, NodeRefused):
                assert process.returncode is None, log.read_text()
                return False

        await soon(answers, 15, "a node of another version")
        return await self.client.hello()

    @asynccontextmanager
    async def lesson(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A room on the stage of lesson l1."""
        signer, now, hour = TicketSigner(self.house.keys.signing, []), system_clock(), HOUR
        ticket = signer.mint("l1", Subject.room("r1"), "LEG", "view", now - hour, now + hour)
        url = f"http://{self.house.node.http_host}:{self.house.node.http_port}/stages/l1"
        async with self.session.ws_connect(url) as room:
            await room.send_str(Hello(ticket=ticket.token).model_dump_json())
            assert (await room.receive_json(timeout=5))["type"] == "welcome"
            yield room

    @asynccontextmanager
    async def supervised(self) -> AsyncIterator[NodeSupervisor]:
        """A coordinator of this version; at its end the node ends as well."""

        async def on_ready(_node: str, hello: NodeHello) -> None:
            await self.ready.put(hello)

        supervisor = NodeSupervisor(self.house.node, self.client, self.house.launch, on_ready)
        running = asyncio.create_task(supervisor.run())
        try:
            yield supervisor
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await supervisor.end()


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with aiohttp.ClientSession() as session:
        site = Site(tmp_path, session)
        yield site


async def is_ready(site: Site) -> NodeHello:
    return await asyncio.wait_for(site.ready.get(), 15)


async def test_a_node_that_is_too_new_keeps_its_lesson_and_is_replaced_after_it(site: Site) -> None:
    newer = await site.run_other(PROTOCOL + 1)
    async with site.lesson() as room, site.supervised() as supervisor:
        assert (await is_ready(site)).boot == newer.boot, "its waiting orders are delivered"
        await asyncio.sleep(2.5)  # two looks at it
        assert supervisor.state is NodeState.OUTDATED
        assert is_alive(newer.pid)
        vitals = supervisor.vitals(asyncio.get_running_loop().time())
        assert (vitals.alive, vitals.usable) == (True, False), "no new lessons"
        await site.client.close_stage("l1", "over", system_clock() + HOUR)
        assert (await room.receive_json(timeout=5))["type"] == "closed"
        ours = await is_ready(site)
        assert (ours.boot != newer.boot, ours.protocol) == (True, PROTOCOL)
        assert ours.seq > newer.seq, "the journal goes on"
        assert supervisor.state is NodeState.READY
        assert not is_alive(newer.pid)


async def test_a_node_of_the_version_before_is_adopted_with_its_lesson(site: Site) -> None:
    older = await site.run_other(OLDEST_NODE)
    async with site.lesson() as room, site.supervised() as supervisor:
        assert (await is_ready(site)).boot == older.boot
        assert supervisor.state is NodeState.READY
        assert supervisor.vitals(asyncio.get_running_loop().time()).usable
        await site.client.close_stage("l1", "over", system_clock() + HOUR)
        assert (await room.receive_json(timeout=5))["type"] == "closed"


async def test_an_idle_node_of_the_version_before_is_replaced_at_once(site: Site) -> None:
    older = await site.run_other(OLDEST_NODE)
    async with site.supervised():
        ours = await is_ready(site)
        assert (ours.boot != older.boot, ours.protocol) == (True, PROTOCOL)
        assert not is_alive(older.pid)


async def test_a_journal_of_a_newer_node_is_read_and_each_unknown_kind_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing stops at what we do not know; and it is acknowledged, so that the node forgets it."""
    kinds = [RecordKind.NODE_STARTED, "recording_began", "recording_began", "sang", "node_stopped"]
    record = {"node": "n1", "boot": "b1", "mono": 1.0, "wall": 2.0, "v": 99, "mood": ["newer"]}
    records = [{**record, "seq": seq, "kind": kind} for seq, kind in enumerate(kinds, 1)]
    acknowledged: list[int] = []

    async def journal(_request: http.Request) -> http.Response:
        return http.json_response({"records": records, "last": len(records), "mood": 1})

    async def acknowledge(request: http.Request) -> http.Response:
        acknowledged.append((await request.json())["seq"])
        return http.Response(status=204)

    app = http.Application()
    app.router.add_get("/control/journal", journal)
    app.router.add_post("/control/journal/ack", acknowledge)
    url = f"sqlite+aiosqlite:///{tmp_path / 'ledger.db'}"
    await upgrade(url)
    db = Database(url)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        client = ControlClient(str(server.make_url("")).rstrip("/"), "secret", session)
        reader = JournalReader("n1", client, db)
        with caplog.at_level(logging.WARNING, logger="server.jobs.journal"):
            assert await reader.step() is False
    assert (await position(db, "n1"), acknowledged) == (len(records), [len(records)])
    said = [entry.getMessage() for entry in caplog.records]
    assert len(said) == 2
    assert "'recording_began'" in said[0]
    assert "'sang'" in said[1]
    await db.close()
