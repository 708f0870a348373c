"""The terminal API of the coordinator, from the terminal's side."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp
from aiohttp import hdrs
from pydantic import ValidationError

from media.client.session.resource import problem_title, retry_after
from media.contract.model import TolerantModel, first_fault

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=4)
API = "/api/v1/terminal"
USER_AGENT = "Tongke headless terminal"

Answer = TypeVar("Answer", bound=TolerantModel)


class CoordinatorError(Exception):
    """the coordinator does not answer, or not as it should; `wait` in seconds where it said so"""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class RevokedError(Exception):
    """this terminal's token opens nothing any more"""


class PairingOffer(TolerantModel):
    """A code that an admin approves; once approved the secret is the device token."""

    id: str
    code: str
    secret: str
    url: str


class PairingStatus(TolerantModel):
    """`status` is "waiting", "approved" or "expired"."""

    status: str


class CoordinatorApi:
    """Calls of one terminal. `base` is the coordinator's URL without a trailing slash."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http, self.base = http, base.rstrip("/")

    async def begin_pairing(self) -> PairingOffer:
        """Ask for a pairing code. Raise CoordinatorError."""
        answer = await self._call("POST", "/pairings", "", {"user_agent": USER_AGENT})
        return _read(PairingOffer, answer)

    async def pairing_status(self, offer: PairingOffer) -> str:
        """Return "waiting", "approved" or "expired". Raise CoordinatorError."""
        answer = await self._call("GET", f"/pairings/{offer.id}", offer.secret)
        return _read(PairingStatus, answer).status

    async def day(self, token: str) -> bytes:
        """Return the day document as it came. Raise CoordinatorError or RevokedError."""
        return await self._call("GET", "/day", token)

    @asynccontextmanager
    async def live(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Open the live WebSocket. Raise CoordinatorError."""
        try:
            async with self._http.ws_connect(self.base + API + "/live", heartbeat=10) as socket:
                yield socket
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise CoordinatorError(str(error)) from None

    async def _call(
        self, method: str, path: str, token: str, body: Mapping[str, str] | None = None
    ) -> bytes:
        headers = {hdrs.AUTHORIZATION: f"Bearer {token}"} if token else {}
        try:
            async with self._http.request(
                method, self.base + API + path, headers=headers, json=body, timeout=TIMEOUT
            ) as response:
                content = await response.read()
                if response.status >= 400:
                    raise refusal(response.status, response.headers, content)
                return content
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise CoordinatorError(str(error) or type(error).__name__) from None


def _read(wanted: type[Answer], content: bytes) -> Answer:
    try:
        return wanted.model_validate_json(content)
    except ValidationError as error:
        raise CoordinatorError(f"no {wanted.__name__}: {first_fault(error)}") from None


def refusal(status: int, headers: Mapping[str, str], content: bytes) -> Exception:
    """Return what an answer of 400 or above means; only one kind of 401 ends an enrolment."""
    if status == 401 and _problem_type(content).endswith("terminal-revoked"):
        return RevokedError()
    return CoordinatorError(f"{status} {problem_title(content)}", retry_after(headers, None))


def _problem_type(content: bytes) -> str:
    try:
        return str(json.loads(content)["type"])
    except (ValueError, KeyError, TypeError):
        return ""
