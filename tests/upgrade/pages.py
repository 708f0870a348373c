"""Somebody at the pages and the JSON API of a product, of this version or of the one before."""

import csv
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

LOGIN, PASSWORD = "dean", "made-up-2026-for-a-copy"
"""The administrator whom `tongke init` made."""

SINCE = "2026-11-01"
"""A day before everything in the copy."""


class Pages:
    """A signed-in browser without scripts."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http, self._token = http, ""

    async def text(self, path: str) -> str:
        async with self._http.get(path) as response:
            text = await response.text()
            assert response.status == 200, f"{path}: {response.status} {text[:300]}"
            return text

    async def form(self, path: str, **fields: str) -> None:
        """Send a form; the answer must be the usual redirect."""
        data = {"csrf_token": self._token, **fields}
        async with self._http.post(path, data=data, allow_redirects=False) as response:
            assert response.status == 303, f"{path}: {await response.text():.3000}"

    async def call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a document to the API, or ask it without one."""
        method, headers = ("GET" if body is None else "POST"), {"X-CSRF-Token": self._token}
        async with self._http.request(method, path, json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            assert response.status in (200, 201), f"{path}: {response.status} {answer}"
            return answer

    async def table(self, path: str) -> list[dict[str, str]]:
        """Return the rows of a CSV file by its column heads."""
        return list(csv.DictReader(io.StringIO((await self.text(path)).removeprefix("\ufeff"))))

    async def usage(self) -> list[dict[str, str]]:
        return await self.table(f"/admin/usage.csv?from={SINCE}")

    async def audit(self) -> list[dict[str, str]]:
        return await self.table(f"/admin/audit.csv?from={SINCE}")

    async def sign_in(self) -> None:
        self._learn(await self.text("/sign-in"))
        await self.form("/sign-in", login=LOGIN, password=PASSWORD)
        self._learn(await self.text("/today"))

    def _learn(self, page: str) -> None:
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found is not None
        self._token = found[1]


@asynccontextmanager
async def signed_in(url: str) -> AsyncIterator[Pages]:
    """Sign the copy's administrator in at the product's address."""
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name
    async with aiohttp.ClientSession(url, cookie_jar=jar) as http:
        pages = Pages(http)
        await pages.sign_in()
        yield pages
