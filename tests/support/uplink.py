"""A Chromium that publishes noise over a narrow, distant or lossy uplink, and one that watches."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web as http
from playwright.async_api import Browser, Page, Route, async_playwright

from media.client.session.address import StageAddress
from tests.support.bottleneck import Bottleneck, Line
from tests.support.chromium import CAMERA_FLAGS, CHROMIUM
from tests.support.noise import noisy_film
from tests.support.uplink_pages import uplink_app

STARTS_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Sent:
    """`at` in seconds of the page's clock; rates in bit/s; `octets` of RTP, headers included."""

    at: float
    octets: int
    target: float
    available: float


@dataclass(frozen=True, slots=True)
class Shown:
    """What a viewer has shown so far; `frozen` in seconds (totalFreezesDuration)."""

    frames: int
    frozen: float


class Village:
    """The two pages. `line` is what the publisher's media crosses."""

    def __init__(self, browser: Browser, url: str, line: Bottleneck) -> None:
        self._browser, self._url, self.line = browser, url, line
        self._publisher: Page | None = None
        self._viewer: Page | None = None
        self.answer = ""

    async def publish(self, place: StageAddress, offer_filter: Callable[[str], str]) -> None:
        """Publish from a new page until a first packet has left; the filter changes the offer."""

        async def over_the_line(route: Route) -> None:
            if route.request.method != "POST":
                await route.continue_()
                return
            response = await route.fetch(post_data=offer_filter(route.request.post_data or ""))
            self.answer = await response.text()
            await route.fulfill(response=response, body=self.line.lead_over(self.answer))

        if self._publisher is not None:
            await self._publisher.close()
        self._publisher = await self._browser.new_page()
        await self._publisher.route("**/whip/**", over_the_line)
        await self._open(self._publisher, "publisher", place)
        await _until(self.sent, "a first packet")

    async def watch(self, place: StageAddress) -> None:
        """Watch until a first picture has been shown."""
        self._viewer = await self._browser.new_page()
        await self._open(self._viewer, "viewer", place)

        async def frames() -> int:
            return (await self.shown()).frames

        await _until(frames, "a first picture")

    async def _open(self, page: Page, kind: str, place: StageAddress) -> None:
        query = {"node": place.node, "stage": place.stage, "ticket": place.ticket}
        await page.goto(f"{self._url}/{kind}?{urlencode(query)}")

    async def sent(self) -> list[Sent]:
        """Return what left since the first packet, every 100 ms."""
        assert self._publisher is not None
        seen = await self._publisher.evaluate("window.seen ?? []")
        return [
            Sent(
                entry["at"],
                entry["bytesSent"] + entry["headerBytesSent"],
                entry.get("targetBitrate") or 0,
                entry.get("availableOutgoingBitrate") or 0,
            )
            for entry in seen
            if entry.get("bytesSent")
        ]

    async def now(self) -> float:
        """Return the time on the publisher's clock, in seconds."""
        assert self._publisher is not None
        return float(await self._publisher.evaluate("performance.now() / 1000"))

    async def shown(self) -> Shown:
        """Return what the viewer has shown so far."""
        assert self._viewer is not None
        entry = await self._viewer.evaluate("window.seen?.at(-1)") or {}
        return Shown(
            entry.get("framesDecoded") or 0,
            entry.get("totalFreezesDuration") or 0.0,
        )


def rate(sent: list[Sent], last: int, seconds: float) -> float:
    """Return the bit/s sent in the `seconds` before an entry; 0 where they are not all there."""
    end = sent[last]
    begin = next(entry for entry in sent if entry.at >= end.at - seconds - 0.06)
    apart = end.at - begin.at
    return 8 * (end.octets - begin.octets) / apart if apart >= 0.8 * seconds else 0.0


def first(sent: list[Sent], after: float, holds: Callable[[int], bool]) -> float | None:
    """Return how many seconds `after` an entry's index holds for the first time."""
    found = (e.at - after for index, e in enumerate(sent) if e.at > after and holds(index))
    return next(found, None)


async def _until(look: Callable[[], Awaitable[object]], what: str) -> None:
    """Wait until a look sees anything; fail with `what` when it never does."""
    for _ in range(int(STARTS_WITHIN / 0.1)):
        if await look():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {STARTS_WITHIN:.0f} s: {what}")


@asynccontextmanager
async def village(node_port: int, up: Line, down: Line) -> AsyncIterator[Village]:
    """A browser with a noisy camera behind a line to the node, for the length of a test."""
    runner = http.AppRunner(uplink_app(), shutdown_timeout=0.2)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    flags = [*CAMERA_FLAGS, f"--use-file-for-fake-video-capture={noisy_film()}"]
    async with Bottleneck(node_port, up, down) as line, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield Village(browser, url, line)
        await browser.close()
    await runner.cleanup()
