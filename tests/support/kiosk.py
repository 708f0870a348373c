"""A classroom screen: Chromium opened once at /terminal, as deploy/kiosk.sh opens it, headless.

It is watched through the debugging port by `Runtime.evaluate` with `userGesture: false`, so that
the test never counts as somebody who touched the screen.
"""

import asyncio
import base64
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium")
READY_WITHIN = 30.0

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--window-size=1280,720",
    "--lang=zh-CN",
)

TONE = """
(async () => {
  const video = document.querySelector("video#picture");
  const context = new AudioContext();
  const meter = context.createAnalyser();
  meter.fftSize = 16384;
  context.createMediaStreamSource(video.srcObject).connect(meter);
  const bins = new Float32Array(meter.frequencyBinCount);
  let best = { level: -Infinity, hertz: 0 };
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((done) => setTimeout(done, 100));
    meter.getFloatFrequencyData(bins);
    bins.forEach((level, at) => {
      if (level > best.level) best = { level, hertz: (at * context.sampleRate) / meter.fftSize };
    });
  }
  await context.close();
  return best.hertz;
})()
"""

PICTURE = """
(() => {
  const video = document.querySelector("video#picture");
  const canvas = document.createElement("canvas");
  canvas.width = 160; canvas.height = 90;
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 160, 90);
  let sum = 0;
  for (const value of pen.getImageData(0, 0, 160, 90).data) {
    sum = (sum * 31 + value) % 1000000007;
  }
  return sum;
})()
"""


class Kiosk:
    """One screen. `profile` keeps its memory over a power cut."""

    def __init__(self, profile: Path, url: str) -> None:
        self.profile, self.url = profile, url
        self._process: subprocess.Popen[bytes] | None = None
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._number = 0
        self._frozen = False

    @property
    def runs(self) -> bool:
        """Whether the browser is there and on the network."""
        return self._process is not None and self._process.poll() is None and not self._frozen

    def on_disk(self, text: str) -> bool:
        """Return whether the page's storage would know a text after a power cut.

        Chromium writes some seconds after the page did.
        """
        folder = self.profile / "Default" / "Local Storage" / "leveldb"
        forms = (text.encode("utf-16-le"), text.encode())
        logs = [file.read_bytes() for file in folder.glob("*.log")]
        return any(form in log for form in forms for log in logs)

    async def switch_on(self) -> None:
        """Start the browser and find its page."""
        assert CHROMIUM is not None
        port_file = self.profile / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={self.profile}"]
        self._process = subprocess.Popen(
            [*command, "--remote-debugging-port=0", self.url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._frozen = False
        await self._stop_watching()
        self._http = aiohttp.ClientSession()
        async with asyncio.timeout(READY_WITHIN):
            while not port_file.exists() or not port_file.read_text().strip():
                await asyncio.sleep(0.05)
            port = port_file.read_text().split()[0]
            address = await self._page_address(port)
        self._socket = await self._http.ws_connect(address, max_msg_size=0)

    async def _page_address(self, port: str) -> str:
        assert self._http is not None
        while True:
            async with self._http.get(f"http://127.0.0.1:{port}/json") as response:
                pages = [page for page in await response.json() if page["type"] == "page"]
            if pages:
                return str(pages[0]["webSocketDebuggerUrl"])
            await asyncio.sleep(0.05)

    async def look(self, expression: str) -> Any:
        """Evaluate in the page without a user gesture."""
        answer = await self._call(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
            userGesture=False,
        )
        if "error" in answer:  # the page is just being replaced by another
            return None
        outcome = answer["result"]
        assert "exceptionDetails" not in outcome, outcome["exceptionDetails"]
        return outcome["result"].get("value")

    async def before_scripts(self, script: str) -> None:
        """Run a script in each page that is loaded from now on, before its own scripts."""
        await self._call("Page.enable")
        await self._call("Page.addScriptToEvaluateOnNewDocument", source=script)

    async def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the browser and return its whole answer."""
        assert self._socket is not None
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        async with asyncio.timeout(20):
            while True:
                answer: dict[str, Any] = json.loads(await self._socket.receive_str())
                if answer.get("id") == self._number:
                    return answer

    async def state(self) -> dict[str, Any]:
        """Return what the page says of itself; empty before its script has run."""
        return dict(await self.look("window.tongke ? {...window.tongke} : {}") or {})

    async def text(self) -> str:
        return str(await self.look("document.body ? document.body.innerText : ''"))

    async def describe(self) -> str:
        """Return what a person on the phone would be told: the page's state and its words."""
        return f"{await self.state()}: {(await self.text())[:300]!r}"

    async def tone(self) -> float:
        """Return the loudest frequency (Hz) in two seconds of the decoded sound."""
        return float(await self.look(TONE))

    async def picture(self) -> int:
        """Return a digest of what the screen shows now."""
        return int(await self.look(PICTURE))

    async def screenshot(self, file: Path) -> None:
        """Save what the screen shows as PNG."""
        answer = await self._call("Page.captureScreenshot")
        file.write_bytes(base64.b64decode(answer["result"]["data"]))

    def cut_power(self) -> None:
        """Kill every process of this screen at once."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def cut_network(self) -> None:
        """Freeze every process: from outside, a screen whose cable was pulled."""
        self._signal(signal.SIGSTOP)
        self._frozen = True

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    async def close(self) -> None:
        """End the browser and the watching of it."""
        self.cut_power()
        await self._stop_watching()

    async def _stop_watching(self) -> None:
        if self._http is not None:
            await self._http.close()
