"""Two bare pages for tests, a WHIP publisher and a WHEP viewer, written against the standards only.

They start by their own script when they are loaded, so that no test gesture helps the browser along
(an `evaluate` of Playwright counts as one), and post what they see to the server they came from.
"""

COMMON = """
const params = new URLSearchParams(location.search);
let told = Promise.resolve();  // one after the other: two requests at once overtake each other
const tell = (body) => {
  const text = JSON.stringify(body);
  told = told.then(() => fetch('/tell/' + params.get('name'), {method: 'POST', body: text}));
};
async function negotiate(pc, endpoint) {
  await pc.setLocalDescription(await pc.createOffer());
  await new Promise((done) => {
    if (pc.iceGatheringState === 'complete') done();
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done();
    setTimeout(done, 1000);
  });
  const response = await fetch(endpoint, {method: 'POST', body: pc.localDescription.sdp, headers:
    {'Content-Type': 'application/sdp', 'Authorization': 'Bearer ' + params.get('ticket')}});
  if (response.status !== 201) throw new Error(response.status + ' ' + await response.text());
  await pc.setRemoteDescription({type: 'answer', sdp: await response.text()});
}
"""

CAMERA = """
async function camera() {  // a soft tone is its sound
  const seen = await navigator.mediaDevices.getUserMedia(
    {video: {width: 640, height: 360, frameRate: 20}});
  const context = new AudioContext();
  const tone = new OscillatorNode(context, {frequency: 440});
  const soft = new GainNode(context, {gain: 0.2});
  const out = context.createMediaStreamDestination();
  tone.connect(soft).connect(out);
  tone.start();
  return new MediaStream([...out.stream.getAudioTracks(), ...seen.getVideoTracks()]);
}
"""

PUBLISHER = (
    "<!doctype html><title>publisher</title><script>"
    + COMMON
    + CAMERA
    + """
(async () => {
  const stream = await camera();
  const pc = new RTCPeerConnection();
  pc.addTransceiver(stream.getAudioTracks()[0], {direction: 'sendonly'});
  const layers = {h: 1, m: 2, l: 4};  // RFC 8853
  const sendEncodings = params.has('simulcast') ? Object.entries(layers).map(
    ([rid, scaleResolutionDownBy]) => ({rid, scaleResolutionDownBy})) : undefined;
  const video = pc.addTransceiver(
    stream.getVideoTracks()[0], {direction: 'sendonly', sendEncodings});
  if (params.get('codec')) {
    video.setCodecPreferences(RTCRtpSender.getCapabilities('video').codecs
      .filter((codec) => codec.mimeType === params.get('codec')));
  }
  await negotiate(pc, params.get('node') + '/whip/' + params.get('stage'));
  const layered = pc.localDescription.sdp.includes('a=simulcast:send h;m;l');
  const say = () => tell({state: pc.connectionState, layered});
  pc.onconnectionstatechange = say;
  say();
})().catch((error) => tell({error: String(error)}));
</script>"""
)

VIEWER = (
    "<!doctype html><title>viewer</title><video autoplay playsinline></video><script>"
    + COMMON
    + """
const seen = {frames: 0, changed: 0, width: 0, peak: 0, share: 0, muted: true, playing: false};
const video = document.querySelector('video');
const small = new OffscreenCanvas(32, 18).getContext('2d', {willReadFrequently: true});
let before = '';
function look() {
  small.drawImage(video, 0, 0, 32, 18);
  const now = small.getImageData(0, 0, 32, 18).data.join();
  seen.frames += 1;
  seen.changed += before !== '' && now !== before;
  before = now;
  seen.width = video.videoWidth;
  video.requestVideoFrameCallback(look);
}
function listen(stream) {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, {fftSize: 8192, smoothingTimeConstant: 0});
  context.createMediaStreamSource(stream).connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  setInterval(() => {
    analyser.getFloatFrequencyData(bins);
    const power = Array.from(bins, (decibel) => 10 ** (decibel / 10));
    const loudest = power.indexOf(Math.max(...power));
    seen.peak = loudest * context.sampleRate / analyser.fftSize;
    const near = power.slice(loudest - 3, loudest + 4).reduce((a, b) => a + b, 0);
    seen.share = near / power.reduce((a, b) => a + b, 0);
    seen.muted = video.muted;
    seen.playing = !video.paused;
    tell(seen);
  }, 300);
}
(async () => {
  const pc = new RTCPeerConnection();
  const stream = new MediaStream();
  pc.ontrack = (event) => {
    stream.addTrack(event.track);
    if (stream.getTracks().length < 2) return;
    video.srcObject = stream;
    listen(stream);
    video.requestVideoFrameCallback(look);
  };
  pc.addTransceiver('audio', {direction: 'recvonly'});
  pc.addTransceiver('video', {direction: 'recvonly'});
  await negotiate(pc, params.get('node') + '/whep/' + params.get('stage'));
})().catch((error) => tell({error: String(error)}));
</script>"""
)
