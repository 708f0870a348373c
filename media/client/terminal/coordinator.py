"""The terminal API of the coordinator, from the terminal's side."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import hdrs

from media.client.session.resource import problem_title, retry_after

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=4)
API = "/api/v1/terminal"
USER_AGENT = "Tongke headless terminal"


class CoordinatorError(Exception):
    """the coordinator does not answer, or not as it should; `wait` in seconds where it said so"""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class RevokedError(Exception):
    """this terminal's token opens nothing any more"""


@dataclass(frozen=True, slots=True)
class PairingOffer:
    """A code that an admin approves; once approved the secret is the device token."""

    id: str
    code: str
    secret: str
    url: str


class CoordinatorApi:
    """Calls of one terminal. `base` is the coordinator's URL without a trailing slash."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http, self.base = http, base.rstrip("/")

    async def begin_pairing(self) -> PairingOffer:
        """Ask for a pairing code. Raise CoordinatorError."""
        body = await self._call("POST", "/pairings", "", {"user_agent": USER_AGENT})
        return PairingOffer(*(str(body[name]) for name in ("id", "code", "secret", "url")))

    async def pairing_status(self, offer: PairingOffer) -> str:
        """Return "waiting", "approved" or "expired". Raise CoordinatorError."""
        return str((await self._call("GET", f"/pairings/{offer.id}", offer.secret))["status"])

    async def day(self, token: str) -> dict[str, Any]:
        """Return the day document. Raise CoordinatorError or RevokedError."""
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
        self, method: str, path: str, token: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        headers = {hdrs.AUTHORIZATION: f"Bearer {token}"} if token else {}
        try:
            async with self._http.request(
                method, self.base + API + path, headers=headers, json=body, timeout=TIMEOUT
            ) as response:
                content = await response.read()
                if response.status >= 400:
                    raise refusal(response.status, response.headers, content)
                return dict(json.loads(content))
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise CoordinatorError(str(error) or type(error).__name__) from None
        except (ValueError, TypeError) as error:
            raise CoordinatorError(f"an answer that is no JSON object: {error}") from None


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
