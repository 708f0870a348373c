"""Two pages for tests of bandwidth: a publisher by our own whip.js, and a viewer.

Both keep what getStats says of the picture every 100 ms in `window.seen`: a list of flat objects,
`at` in seconds, all else by its name in W3C webrtc-stats.
"""

from pathlib import Path

from aiohttp import web as http

PROTOCOL = Path(__file__).resolve().parents[2] / "web/static/js/protocol"

KEEP = """
window.seen = [];
function keep(peer, wanted) {
  setInterval(async () => {
    const entry = {at: performance.now() / 1000};
    for (const found of (await peer.getStats()).values()) {
      for (const name of wanted[found.kind === 'audio' ? '' : found.type] ?? []) {
        entry[name] = found[name];
      }
    }
    window.seen.push(entry);
  }, 100);
}
"""

PUBLISHER = (
    '<!doctype html><title>publisher</title><script type="module">'
    'import { publish } from "/protocol/whip.js";'
    + KEEP
    + """
const params = new URLSearchParams(location.search);
const camera = await navigator.mediaDevices.getUserMedia({
  video: {width: {ideal: 1280}, height: {ideal: 720}, frameRate: {ideal: 25}}, audio: true});
const session = await publish({
  base: params.get('node'), stage: params.get('stage'), ticket: params.get('ticket'),
  stream: camera, timeout: 10, onstate: () => undefined});
keep(session.peer, {
  'outbound-rtp': ['bytesSent', 'headerBytesSent', 'targetBitrate'],
  'candidate-pair': ['availableOutgoingBitrate']});
</script>"""
)

VIEWER = (
    "<!doctype html><title>viewer</title><video autoplay playsinline></video>"
    "<script>"
    + KEEP
    + """
(async () => {
  const params = new URLSearchParams(location.search);
  const peer = new RTCPeerConnection();
  const stream = new MediaStream();
  peer.ontrack = (event) => {
    stream.addTrack(event.track);
    document.querySelector('video').srcObject = stream;
  };
  peer.addTransceiver('audio', {direction: 'recvonly'});
  peer.addTransceiver('video', {direction: 'recvonly'});
  await peer.setLocalDescription(await peer.createOffer());
  const answer = await fetch(params.get('node') + '/whep/' + params.get('stage'), {
    method: 'POST', body: peer.localDescription.sdp, headers: {
      'Content-Type': 'application/sdp', 'Authorization': 'Bearer ' + params.get('ticket')}});
  await peer.setRemoteDescription({type: 'answer', sdp: await answer.text()});
  keep(peer, {'inbound-rtp': ['framesDecoded', 'totalFreezesDuration']});
})();
</script>"""
)


def uplink_app() -> http.Application:
    """Serve /publisher, /viewer and our protocol modules."""
    app = http.Application()

    async def publisher(_request: http.Request) -> http.Response:
        return http.Response(text=PUBLISHER, content_type="text/html")

    async def viewer(_request: http.Request) -> http.Response:
        return http.Response(text=VIEWER, content_type="text/html")

    app.router.add_get("/publisher", publisher)
    app.router.add_get("/viewer", viewer)
    app.router.add_static("/protocol", PROTOCOL)
    return app
