"""Two pages that measure lip-sync: a publisher that flashes and beeps each second, and a viewer
that takes the time of both. The viewer keeps what it saw in `window.seen`.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web as http

from tests.support.bare_pages import COMMON

PUBLISHER = (
    "<!doctype html><title>flash and beep</title><canvas width=320 height=240></canvas><script>"
    + COMMON
    + """
const FLASH = 200;
const canvas = document.querySelector('canvas');
const pen = canvas.getContext('2d');
const context = new AudioContext();
const tone = new OscillatorNode(context, {frequency: 1000});
const gate = new GainNode(context, {gain: 0});
const out = context.createMediaStreamDestination();
tone.connect(gate).connect(out);
tone.start();
let booked = Math.ceil(performance.now() / 1000) * 1000 + 1000;
function draw() {
  const now = performance.now();
  pen.fillStyle = now % 1000 < FLASH ? '#fff' : '#222';
  pen.fillRect(0, 0, 320, 240);
  pen.fillStyle = '#888';
  pen.fillRect((now / 10) % 320, 200, 20, 20);
  while (booked - now < 500) {  // the beep of the second to come, on the context's clock
    const at = context.currentTime + (booked - performance.now()) / 1000;
    gate.gain.setValueAtTime(0.3, at);
    gate.gain.setValueAtTime(0, at + FLASH / 1000);
    booked += 1000;
  }
}
setInterval(draw, 25);
window.seen = {state: ''};
(async () => {
  const pc = new RTCPeerConnection();
  pc.addTransceiver(out.stream.getAudioTracks()[0], {direction: 'sendonly'});
  const video = pc.addTransceiver(canvas.captureStream(30).getVideoTracks()[0],
    {direction: 'sendonly'});
  video.setCodecPreferences(RTCRtpSender.getCapabilities('video').codecs
    .filter((codec) => codec.mimeType === params.get('codec')));
  await negotiate(pc, params.get('node') + '/whip/' + params.get('stage'));
  pc.onconnectionstatechange = () => { window.seen.state = pc.connectionState; };
  window.seen.state = pc.connectionState;
})().catch((error) => { window.seen.error = String(error); });
</script>"""
)

VIEWER = (
    "<!doctype html><title>viewer</title><video autoplay playsinline></video><script>"
    + COMMON
    + """
window.seen = {flashes: [], beeps: [], video: {}, audio: {}, state: ''};
const video = document.querySelector('video');
const small = new OffscreenCanvas(8, 8).getContext('2d', {willReadFrequently: true});
let light = true;
function look(_now, frame) {
  small.drawImage(video, 0, 0, 8, 8);
  const [red] = small.getImageData(3, 1, 1, 1).data;
  if (red > 150 && !light) window.seen.flashes.push(frame.expectedDisplayTime);
  light = red > 110;
  video.requestVideoFrameCallback(look);
}
function listen(stream) {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, {fftSize: 8192});
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loud = true;
  setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const now = performance.now();
    const first = samples.findIndex((sample) => Math.abs(sample) > 0.05);
    if (first >= 0 && !loud) {
      const age = (samples.length - first) / context.sampleRate;
      window.seen.beeps.push(now - 1000 * age);
    }
    loud = first >= 0;
  }, 25);
}
async function count(pc) {
  for (const entry of (await pc.getStats()).values()) {
    if (entry.type === 'inbound-rtp') window.seen[entry.kind] = {...entry};
  }
}
(async () => {
  const pc = new RTCPeerConnection();
  const stream = new MediaStream();
  pc.ontrack = (event) => {
    stream.addTrack(event.track);
    if (stream.getTracks().length < 2) return;
    video.srcObject = event.streams[0];
    listen(event.streams[0]);
    video.requestVideoFrameCallback(look);
  };
  pc.addTransceiver('audio', {direction: 'recvonly'});
  pc.addTransceiver('video', {direction: 'recvonly'});
  await negotiate(pc, params.get('node') + '/whep/' + params.get('stage'));
  setInterval(() => count(pc), 200);
  pc.onconnectionstatechange = () => { window.seen.state = pc.connectionState; };
})().catch((error) => { window.seen.error = String(error); });
</script>"""
)


def app() -> http.Application:
    """Return what serves both pages."""
    served = http.Application()
    for name, page in (("publisher", PUBLISHER), ("viewer", VIEWER)):
        served.router.add_get(f"/{name}", _serving(page))
    return served


def _serving(page: str) -> Callable[[http.Request], Awaitable[http.Response]]:
    async def serve(_request: http.Request) -> http.Response:
        return http.Response(text=page, content_type="text/html")

    return serve


def offsets(flashes: list[float], beeps: list[float]) -> list[float]:
    """Return flash minus beep in milliseconds for each beep: above zero the sound is early.

    A beep without a flash within 400 ms is left out.
    """
    found = []
    for beep in beeps:
        nearest = min(flashes, key=lambda flash: abs(flash - beep), default=None)
        if nearest is not None and abs(nearest - beep) < 400:
            found.append(nearest - beep)
    return found
