"""The coordinator's side of a node's control API (media/contract/control.py)."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import aiohttp
from pydantic import TypeAdapter, ValidationError

from media.contract.control import (
    HEADER,
    Acknowledge,
    CloseStage,
    JournalPage,
    NodeHello,
    Revoke,
    Stages,
)
from media.contract.journal import JournalRecord
from media.contract.messages import RosterEntry
from media.contract.model import StrictModel, TolerantModel, first_fault
from media.contract.stats import NodeStats

LOG = logging.getLogger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=3.0)
"""A node answers from memory: what takes longer than this is a node in trouble."""

Answer = TypeVar("Answer", bound=TolerantModel)
_RECORD: TypeAdapter[JournalRecord] = TypeAdapter(JournalRecord)


class NodeUnreachable(Exception):
    """the relay node does not answer"""


class NodeRefused(Exception):
    """the relay node refused what it was asked, or answered what cannot be read"""


class ControlClient:
    """Speaks to one node; raises NodeUnreachable or NodeRefused, nothing else."""

    def __init__(self, base_url: str, secret: str, http: aiohttp.ClientSession) -> None:
        self._base = f"{base_url}/control"
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._http = http
        self._protocol: int | None = None

    async def hello(self) -> NodeHello:
        """Ask who answers; from then on we speak the newest version that both sides know."""
        self._protocol = None  # a node that was replaced may speak another version
        hello = _read(NodeHello, await self._call("GET", "/hello"))
        self._protocol = hello.common
        return hello

    async def close_stage(self, stage: str, reason: str, until: datetime) -> None:
        order = CloseStage(reason=reason, until=until.timestamp())
        await self._call("POST", f"/stages/{stage}/close", order)

    async def revoke(self, devices: Sequence[str], until: datetime) -> None:
        await self._call("POST", "/revoke", Revoke(devices=tuple(devices), until=until.timestamp()))

    async def stages(self) -> Mapping[str, tuple[RosterEntry, ...]]:
        """Return everybody on every stage."""
        return _read(Stages, await self._call("GET", "/stages")).stages

    async def live_stages(self, hello: NodeHello) -> int | None:
        """Return how many stages are open on the node of this hello; None when it cannot be asked.

        Nodes of version 2 do not say it in their hello.
        """
        if hello.stages is not None:
            return hello.stages
        try:
            return len(await self.stages())
        except (NodeUnreachable, NodeRefused):
            return None

    async def stats(self) -> NodeStats:
        return _read(NodeStats, await self._call("GET", "/stats"))

    async def journal(self, after: int, limit: int) -> JournalPage:
        """Return a page of the journal, without the records that cannot be read."""
        text = await self._call("GET", f"/journal?after={after}&limit={limit}")
        try:
            return JournalPage.model_validate_json(text)
        except ValidationError as error:
            return _readable_part(text, first_fault(error))

    async def acknowledge(self, seq: int) -> None:
        await self._call("POST", "/journal/ack", Acknowledge(seq=seq))

    async def shut_down(self) -> None:
        await self._call("POST", "/shutdown")

    async def _call(self, method: str, path: str, body: StrictModel | None = None) -> str:
        headers = dict(self._headers)
        if self._protocol is not None:
            headers[HEADER] = str(self._protocol)
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = body.model_dump_json(exclude_defaults=True) if body is not None else None
        try:
            async with self._http.request(
                method, self._base + path, data=data, headers=headers, timeout=TIMEOUT
            ) as response:
                text = await response.text(errors="replace")
        except (aiohttp.ClientError, OSError) as error:
            raise NodeUnreachable(f"{type(error).__name__}: {error}") from None
        if response.status >= 400:
            raise NodeRefused(f"{response.status} to {method} {path.partition('?')[0]}")
        return text


def _read(wanted: type[Answer], text: str) -> Answer:
    try:
        return wanted.model_validate_json(text)
    except ValidationError as error:
        raise NodeRefused(f"no {wanted.__name__}: {first_fault(error)}") from None


def _readable_part(text: str, fault: str) -> JournalPage:
    """Return a page without the records that are none; raise NodeRefused where it is no page.

    One bad record must not stop the journal: what follows it is attendance.
    """
    try:
        body = json.loads(text)
        entries, last = list(body["records"]), int(body["last"])
    except (ValueError, KeyError, TypeError):
        raise NodeRefused(f"no JournalPage: {fault}") from None
    records = []
    for entry in entries:
        try:
            records.append(_RECORD.validate_json(json.dumps(entry)))
        except ValidationError as error:
            LOG.error("a journal record cannot be read and is left out: %s", first_fault(error))
    return JournalPage(records=tuple(records), last=last)
