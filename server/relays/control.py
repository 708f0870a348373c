"""The coordinator's side of a node's control API (media/contract/control.py)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp

from media.contract.control import PROTOCOL
from media.contract.journal import JournalRecord, from_json

TIMEOUT = aiohttp.ClientTimeout(total=3.0)
"""A node answers from memory: what takes longer than this is a node in trouble."""


class NodeUnreachable(Exception):
    """the relay node does not answer"""


class NodeRefused(Exception):
    """the relay node refused what it was asked"""


@dataclass(frozen=True, slots=True)
class NodeHello:
    """Who answers at a control address, and how many cores it kept busy in the last seconds."""

    node: str
    boot: str
    protocol: int
    pid: int
    seq: int
    busy: float = 0.0

    def is_ours(self, node_id: str) -> bool:
        """Whether this is the node that the configuration means, speaking our version."""
        return self.node == node_id and self.protocol == PROTOCOL


@dataclass(frozen=True, slots=True)
class JournalPage:
    """A piece of a node's journal. `last` is the newest sequence number the node has."""

    records: tuple[JournalRecord, ...]
    last: int


class ControlClient:
    """Speaks to one node; raises NodeUnreachable or NodeRefused, nothing else."""

    def __init__(self, base_url: str, secret: str, http: aiohttp.ClientSession) -> None:
        self._base = f"{base_url}/control"
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._http = http

    async def hello(self) -> NodeHello:
        body = await self._call("GET", "/hello")
        try:
            words = str(body["node"]), str(body["boot"])
            numbers = int(body["protocol"]), int(body["pid"]), int(body["seq"])
            return NodeHello(*words, *numbers, busy=float(body.get("cpu_utilization", 0.0)))
        except (KeyError, TypeError, ValueError) as error:
            raise NodeRefused(f"an answer that is not a relay node's: {error!r}") from None

    async def close_stage(self, stage: str, reason: str, until: datetime) -> None:
        body = {"reason": reason, "until": until.timestamp()}
        await self._call("POST", f"/stages/{stage}/close", body)

    async def revoke(self, devices: Sequence[str], until: datetime) -> None:
        body = {"devices": list(devices), "until": until.timestamp()}
        await self._call("POST", "/revoke", body)

    async def stages(self) -> Mapping[str, list[Mapping[str, Any]]]:
        """Return everybody on every stage; the entries are RosterEntry's fields."""
        body = await self._call("GET", "/stages")
        stages = body.get("stages")
        if not isinstance(stages, dict):
            raise NodeRefused("a roster that is not one")
        return stages

    async def stats(self) -> Mapping[str, Any]:
        """Return media.contract.stats.NodeStats as an object."""
        body = await self._call("GET", "/stats")
        if not isinstance(body.get("stages"), dict):
            raise NodeRefused("figures that are none")
        return body

    async def journal(self, after: int, limit: int) -> JournalPage:
        body = await self._call("GET", f"/journal?after={after}&limit={limit}")
        try:
            records = tuple(from_json(entry) for entry in body["records"])
            return JournalPage(records, int(body["last"]))
        except (KeyError, TypeError, ValueError) as error:
            raise NodeRefused(f"a journal that cannot be read: {error}") from None

    async def acknowledge(self, seq: int) -> None:
        await self._call("POST", "/journal/ack", {"seq": seq})

    async def shut_down(self) -> None:
        await self._call("POST", "/shutdown")

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        try:
            async with self._http.request(
                method, self._base + path, json=body, headers=self._headers, timeout=TIMEOUT
            ) as response:
                text = await response.text(errors="replace")
        except (aiohttp.ClientError, OSError) as error:
            raise NodeUnreachable(f"{type(error).__name__}: {error}") from None
        if response.status >= 400:
            raise NodeRefused(f"{response.status} to {method} {path.partition('?')[0]}")
        return _object(text)


def _object(text: str) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        body = json.loads(text)
    except ValueError:
        raise NodeRefused("an answer that is not JSON") from None
    if not isinstance(body, dict):
        raise NodeRefused("an answer that is not an object")
    return body
