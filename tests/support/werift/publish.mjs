// node publish.mjs URL TICKET AUDIO_PORT VIDEO_PORT: publishes by WHIP the RTP that comes to its ports.
import {createSocket} from 'node:dgram';
import {MediaStreamTrack} from 'werift';
import {connection, negotiate, tellUntilStopped} from './session.mjs';

const [url, ticket, ...ports] = process.argv.slice(2);
const pc = connection();
const counted = {audio: 0, video: 0};
const tracks = ['audio', 'video'].map((kind) => {
  const track = new MediaStreamTrack({kind});
  pc.addTransceiver(track, {direction: 'sendonly'});
  return track;
});
const session = await negotiate(pc, url, ticket);
await pc.connectionStateChange.watch((state) => state === 'connected');
tracks.forEach((track, index) => {
  const socket = createSocket('udp4');
  socket.on('message', (packet) => {
    counted[track.kind] += 1;
    track.writeRtp(packet);
  });
  socket.bind(Number(ports[index]), '127.0.0.1');
});
tellUntilStopped(pc, counted, session, ticket);
