// node view.mjs URL TICKET: watches by WHEP and counts packets until its input ends.
import {connection, negotiate, tellUntilStopped} from './session.mjs';

const [url, ticket] = process.argv.slice(2);
const pc = connection();
const counted = {audio: 0, video: 0, keyframes: 0};
pc.onTrack.subscribe((track) => {
  track.onReceiveRtp.subscribe((packet) => {
    counted[track.kind] += 1;
    const [first, second] = packet.payload;
    const kind = first & 31;
    const whole = kind === 5 || kind === 7;
    counted.keyframes += track.kind === 'video' && (whole || (kind === 28 && second === 0x85));
  });
});
for (const kind of ['audio', 'video']) pc.addTransceiver(kind, {direction: 'recvonly'});
tellUntilStopped(pc, counted, await negotiate(pc, url, ticket), ticket);
