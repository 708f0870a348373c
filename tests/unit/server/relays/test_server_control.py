"""The control client before fake neighbours: nodes that are older, newer, or no nodes at all."""

import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web as http
from aiohttp.test_utils import TestServer

from media.contract.control import HEADER, OLDEST_NODE, PROTOCOL
from server.relays.control import ControlClient, NodeRefused
from tests.support.figures import node_figures

HELLO = {"node": "n1", "boot": "b1", "protocol": PROTOCOL, "oldest": PROTOCOL, "pid": 1, "seq": 9}
RECORD = {"node": "n1", "boot": "b1", "seq": 1, "mono": 1.0, "wall": 2.0, "kind": "node_started"}


class FakeNode:
    """Answers each path with what the test puts there, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"/control/hello": HELLO}
        self.versions: list[str | None] = []
        self.bodies: list[Any] = []

    async def handle(self, request: http.Request) -> http.Response:
        self.versions.append(request.headers.get(HEADER))
        self.bodies.append(json.loads(await request.read() or b"null"))
        answer = self.answers.get(request.path, "")
        return http.Response(text=answer if isinstance(answer, str) else json.dumps(answer))


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
async def client(node: FakeNode) -> AsyncIterator[ControlClient]:
    app = http.Application()
    app.router.add_route("*", "/{path:.*}", node.handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield ControlClient(str(server.make_url("")).rstrip("/"), "secret", session)


@pytest.mark.parametrize(
    ("protocol", "oldest", "spoken"),
    [
        (PROTOCOL, PROTOCOL, str(PROTOCOL)),
        (PROTOCOL + 1, PROTOCOL, str(PROTOCOL)),
        (OLDEST_NODE, None, str(OLDEST_NODE)),
        (PROTOCOL + 1, PROTOCOL + 1, None),
    ],
)
async def test_after_hello_the_common_version_is_spoken(
    client: ControlClient, node: FakeNode, protocol: int, oldest: int | None, spoken: str | None
) -> None:
    node.answers["/control/hello"] = {**HELLO, "protocol": protocol, "oldest": oldest}
    await client.hello()
    await client.acknowledge(5)
    assert node.versions == [None, spoken]
    assert node.bodies[-1] == {"seq": 5}


async def test_an_order_has_no_field_that_an_older_node_would_not_know(
    client: ControlClient, node: FakeNode
) -> None:
    until = datetime(2026, 9, 16, tzinfo=UTC)
    await client.revoke(["t1"], until)
    assert node.bodies == [{"devices": ["t1"], "until": until.timestamp()}]


async def test_figures_of_a_newer_and_of_an_older_node_are_read(
    client: ControlClient, node: FakeNode
) -> None:
    figures = node_figures("l1", "room:h", "room:a")
    body = json.loads(figures.model_dump_json())
    node.answers["/control/stats"] = {**body, "mood": "good"}
    assert await client.stats() == figures
    del body["packets_refused"]
    node.answers["/control/stats"] = body
    assert await client.stats() == figures


async def test_how_many_stages_are_live_is_asked_where_the_hello_does_not_say(
    client: ControlClient, node: FakeNode
) -> None:
    old = await client.hello()
    node.answers["/control/stages"] = {"stages": {"l1": [], "l2": []}}
    assert await client.live_stages(old) == 2
    assert await client.live_stages(old.model_copy(update={"stages": 7})) == 7
    node.answers["/control/stages"] = {"rooms": []}
    assert await client.live_stages(old) is None


async def test_a_record_that_cannot_be_read_does_not_stop_the_journal(
    client: ControlClient, node: FakeNode, caplog: pytest.LogCaptureFixture
) -> None:
    newer = {**RECORD, "seq": 2, "kind": "recording_began", "more": 1}
    bad = {**RECORD, "seq": "three"}
    records = [RECORD, newer, bad, {**RECORD, "seq": 4}]
    node.answers["/control/journal"] = {"records": records, "last": 4}
    with caplog.at_level(logging.ERROR):
        page = await client.journal(0, 10)
    assert [(r.seq, r.kind) for r in page.records] == [
        (1, "node_started"),
        (2, "recording_began"),
        (4, "node_started"),
    ]
    assert (page.last, len(caplog.records)) == (4, 1)


@pytest.mark.parametrize("answer", ["", "[]", "<html>", {"records": 7, "last": 1}, {"last": 1}])
async def test_what_is_no_journal_is_refused(
    client: ControlClient, node: FakeNode, answer: object
) -> None:
    node.answers["/control/journal"] = answer
    with pytest.raises(NodeRefused, match="no JournalPage"):
        await client.journal(0, 10)


@pytest.mark.parametrize("answer", ["", "[]", {}, {**HELLO, "pid": "1"}, {**HELLO, "protocol": -1}])
async def test_somebody_who_is_no_node_is_refused(
    client: ControlClient, node: FakeNode, answer: object
) -> None:
    node.answers["/control/hello"] = answer
    with pytest.raises(NodeRefused, match="no NodeHello"):
        await client.hello()
