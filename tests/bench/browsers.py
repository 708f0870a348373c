"""Chromium among the joiners: a tab each, which shows its ticket when told and decodes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page, async_playwright

from media.client.session.address import StageAddress
from tests.support.chromium import CAMERA_FLAGS, CHROMIUM

PAGE = """<!doctype html><title>viewer</title>
<video autoplay muted playsinline></video>
<script>
const pc = new RTCPeerConnection(), video = document.querySelector('video');
const first = new Promise((shown) => video.requestVideoFrameCallback(shown));
pc.ontrack = (event) => { if (event.track.kind === 'video') video.srcObject = event.streams[0]; };
async function prepare() {
  pc.addTransceiver('audio', {direction: 'recvonly'});
  pc.addTransceiver('video', {direction: 'recvonly'});
  await pc.setLocalDescription(await pc.createOffer());
}
async function join([endpoint, ticket]) {
  const shown = performance.now();
  const response = await fetch(endpoint, {method: 'POST', body: pc.localDescription.sdp, headers:
    {'Content-Type': 'application/sdp', 'Authorization': 'Bearer ' + ticket}});
  await pc.setRemoteDescription({type: 'answer', sdp: await response.text()});
  await first;
  return performance.now() - shown;
}
async function decoded() {
  for (const stat of (await pc.getStats()).values())
    if (stat.type === 'inbound-rtp' && stat.kind === 'video')
      return stat.framesDecoded;
}
</script>"""


class Browsers:
    """Tabs that are ready to join."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages

    async def join(self, places: Sequence[StageAddress], offsets: Sequence[float]) -> list[float]:
        """Join, each so many seconds from now; return milliseconds to the first shown picture."""
        joining = zip(self._pages, places, offsets, strict=True)
        return list(await asyncio.gather(*(_join(*one) for one in joining)))

    async def decoded(self) -> list[int]:
        """Return how many frames each has decoded."""
        return [await page.evaluate("decoded()") for page in self._pages]


async def _join(page: Page, place: StageAddress, offset: float) -> float:
    await asyncio.sleep(offset)
    endpoint = [f"{place.node}/whep/{place.stage}", place.ticket]
    found: Any = await page.evaluate("(to) => join(to)", endpoint)
    return float(found)


@asynccontextmanager
async def browsers(count: int) -> AsyncIterator[Browsers]:
    """Chromium with `count` tabs, each of which has its offer ready."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=CAMERA_FLAGS, headless=True
        )
        pages = [await (await chromium.new_context()).new_page() for _ in range(count)]
        for page in pages:
            await page.set_content(PAGE)
            await page.evaluate("prepare()")
        yield Browsers(pages)
        await chromium.close()
