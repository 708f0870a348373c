// What a WHIP publisher and a WHEP viewer on werift share: one POST, and a line a third of a second.
import {RTCPeerConnection, RTCRtpCodecParameters} from 'werift';

export const codecs = {
  audio: [new RTCRtpCodecParameters({mimeType: 'audio/opus', clockRate: 48000, channels: 2})],
  video: [new RTCRtpCodecParameters({
    mimeType: 'video/H264',
    clockRate: 90000,
    rtcpFeedback: [{type: 'nack'}, {type: 'nack', parameter: 'pli'}, {type: 'goog-remb'}],
    parameters: 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1',
  })],
};

export const connection = () => new RTCPeerConnection({codecs, bundlePolicy: 'max-bundle'});

export async function negotiate(pc, url, ticket) {
  await pc.setLocalDescription(await pc.createOffer());
  const headers = {'Content-Type': 'application/sdp', 'Authorization': `Bearer ${ticket}`};
  const answer = await fetch(url, {method: 'POST', headers, body: pc.localDescription.sdp});
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  await pc.setRemoteDescription({type: 'answer', sdp: await answer.text()});
  return new URL(answer.headers.get('Location'), url);
}

export function tellUntilStopped(pc, counted, session, ticket) {
  const timer = setInterval(() => {
    console.log(JSON.stringify({state: pc.connectionState, ...counted}));
  }, 300);
  process.stdin.resume();
  process.stdin.on('end', async () => {
    clearInterval(timer);
    await fetch(session, {method: 'DELETE', headers: {'Authorization': `Bearer ${ticket}`}});
    await pc.close();
    process.exit(0);
  });
}
