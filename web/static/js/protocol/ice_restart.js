// @ts-check
/**
 * Brings media back when this computer's address changes (another network, a router that forgets):
 * a pause in what arrives asks the relay for an ICE restart (RFC 9725 section 4.3.3), whose fresh
 * checks go out at once, where the browser by itself would look after two seconds or more. No DOM.
 */

export const CHECK_EVERY = 200; // milliseconds between two counts of what has arrived
export const PAUSE = 600; // sound comes every 20 ms: so long a silence is no jitter
const TIMEOUT = 2000; // milliseconds for the relay's answer; then the watchdog joins anew

/** Pure: decides when to restart. One restart a pause; times are milliseconds. */
export class PauseWatch {
  /** @param {number} now */
  constructor(now) {
    this.packets = 0;
    this.since = now;
    this.armed = false;
  }

  /**
   * @param {number} now
   * @param {number} packets received so far
   * @param {boolean} expected whether anybody publishes
   * @returns {boolean} whether to restart now
   */
  observe(now, packets, expected) {
    if (packets !== this.packets || !expected) {
      this.armed = expected && packets > 0;
      this.packets = packets;
      this.since = now;
      return false;
    }
    const due = this.armed && now - this.since >= PAUSE;
    this.armed &&= !due;
    return due;
  }
}

/**
 * Pure: the answer with the credentials of a restart in place of its own.
 * @param {string} answer
 * @param {string} fragment the body of the relay's response
 * @returns {string}
 */
export function restarted(answer, fragment) {
  return ["ice-ufrag", "ice-pwd"].reduce((sdp, name) => {
    const line = fragment.match(new RegExp(`a=${name}:[^\\r\\n]+`))?.[0];
    return line ? sdp.replaceAll(new RegExp(`a=${name}:[^\\r\\n]+`, "g"), line) : sdp;
  }, answer);
}

/**
 * @param {import("./whep.js").WhepSession} session
 * @returns {Promise<boolean>} false when the relay refused; nothing has changed then
 */
export async function restartIce({ peer, url, ticket }) {
  const offer = await peer.createOffer({ iceRestart: true });
  const lines = (offer.sdp ?? "").match(/a=ice-(ufrag|pwd):[^\r\n]+/g)?.slice(0, 2) ?? [];
  const response = await fetch(url, {
    method: "PATCH",
    headers: {
      "Content-Type": "application/trickle-ice-sdpfrag",
      "If-Match": "*",
      Authorization: `Bearer ${ticket}`,
    },
    body: lines.map((line) => `${line}\r\n`).join(""),
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (response.status !== 200 || peer.signalingState !== "stable") {
    return false;
  }
  const sdp = restarted(peer.remoteDescription?.sdp ?? "", await response.text());
  await peer.setLocalDescription(offer);
  await peer.setRemoteDescription({ type: "answer", sdp });
  return true;
}

/**
 * Restart ICE at each pause of a session, until the returned function is called.
 * @param {import("./whep.js").WhepSession} session
 * @param {() => boolean} expected whether anybody publishes
 * @returns {() => void}
 */
export function restartOnPause(session, expected) {
  const watch = new PauseWatch(performance.now());
  const check = async () => {
    let packets = 0;
    for (const item of (await session.peer.getStats()).values()) {
      packets += item.type === "inbound-rtp" ? item.packetsReceived : 0;
    }
    if (watch.observe(performance.now(), packets, expected())) {
      await restartIce(session);
    }
  };
  // A check that fails (the connection closed, the relay is away) is the watchdog's business.
  const timer = setInterval(() => check().catch(() => undefined), CHECK_EVERY);
  return () => clearInterval(timer);
}
