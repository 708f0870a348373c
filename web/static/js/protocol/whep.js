// @ts-check
/**
 * A WHEP viewer with the fixed slots of a stage (draft-ietf-wish-whep; multi-slot is ours). No DOM.
 *
 * The offer has five receive-only sections in the order that the relay expects: audio main, video
 * main, video screen, audio guest, video guest. The relay is ICE-lite and names all its candidates
 * in the answer, so nothing is trickled and no STUN server is asked.
 */

export const SLOT_SECTIONS = Object.freeze([
  { slot: "main", kind: "audio" },
  { slot: "main", kind: "video" },
  { slot: "screen", kind: "video" },
  { slot: "guest", kind: "audio" },
  { slot: "guest", kind: "video" },
]);

const SLOTS = "main,screen,guest";

export class WhepError extends Error {
  /**
   * @param {string} message
   * @param {number} status HTTP status, 0 when nobody answered
   * @param {number} retryAfter seconds the relay asked for, 0 when it did not
   */
  constructor(message, status, retryAfter = 0) {
    super(message);
    this.name = "WhepError";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * A session's address from its Location, also behind a proxy that the relay does not know of.
 * @param {string} base the relay's address without a trailing slash
 * @param {string} location value of the header
 * @returns {string}
 */
export function sessionUrl(base, location) {
  const root = new URL(base + "/");
  const prefix = root.pathname.replace(/\/$/, "");
  if (location.startsWith("/") && !location.startsWith(prefix + "/sessions/")) {
    return root.origin + prefix + location;
  }
  return new URL(location, root).href;
}

export class WhepSession {
  /**
   * @param {RTCPeerConnection} peer
   * @param {string} url of the session, to end it
   * @param {string} ticket
   */
  constructor(peer, url, ticket) {
    this.peer = peer;
    this.url = url;
    this.ticket = ticket;
  }

  /**
   * @param {"main" | "screen" | "guest"} slot
   * @returns {MediaStreamTrack[]} the tracks of a slot; they exist from the start, silent or not
   */
  tracks(slot) {
    const receivers = this.peer.getTransceivers().map((transceiver) => transceiver.receiver);
    return SLOT_SECTIONS.flatMap((section, place) =>
      section.slot === slot && receivers[place] ? [receivers[place].track] : [],
    );
  }

  /** End the session here and, as well as that can be done, at the relay. */
  close() {
    this.peer.onconnectionstatechange = null;
    this.peer.close();
    if (this.url) {
      const headers = { Authorization: `Bearer ${this.ticket}` };
      // The relay also notices by itself that consent is gone, so an unheard DELETE costs nothing.
      fetch(this.url, { method: "DELETE", headers, keepalive: true }).catch(() => undefined);
    }
  }
}

/**
 * Open a viewing session.
 * @param {{base: string, stage: string, ticket: string, timeout: number,
 *   onstate: (state: RTCPeerConnectionState) => void}} options `timeout` in seconds
 * @returns {Promise<WhepSession>}
 * @throws {WhepError}
 */
export async function watch({ base, stage, ticket, timeout, onstate }) {
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
  const session = new WhepSession(peer, "", ticket);
  try {
    for (const section of SLOT_SECTIONS) {
      peer.addTransceiver(section.kind, { direction: "recvonly" });
    }
    peer.onconnectionstatechange = () => onstate(peer.connectionState);
    await peer.setLocalDescription(await peer.createOffer());
    const url = `${base}/whep/${encodeURIComponent(stage)}?slots=${SLOTS}`;
    const response = await post(url, ticket, peer.localDescription?.sdp ?? "", timeout);
    const location = response.headers.get("Location");
    session.url = location ? sessionUrl(base, location) : "";
    await peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
    return session;
  } catch (error) {
    session.close();
    throw error instanceof WhepError ? error : new WhepError(String(error), 0);
  }
}

/**
 * @param {string} url
 * @param {string} ticket
 * @param {string} offer
 * @param {number} timeout seconds
 * @returns {Promise<Response>}
 */
async function post(url, ticket, offer, timeout) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${ticket}` },
    body: offer,
    signal: AbortSignal.timeout(timeout * 1000),
  });
  if (response.status !== 201) {
    const retryAfter = Number(response.headers.get("Retry-After") ?? 0);
    throw new WhepError("the relay refused", response.status, retryAfter || 0);
  }
  return response;
}
