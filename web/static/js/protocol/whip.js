// @ts-check
/**
 * A WHIP publisher (RFC 9725): one video and one audio track into one slot of a stage. No DOM.
 */

import { sessionUrl, WhepError } from "./whep.js";

/** Bit/s of a picture. Chromium asks its encoder for a sixth less, for encoders overshoot: 2.5. */
export const MOST_BITRATE = 3_100_000;

export class WhipSession {
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

  /** End the session here and at the relay. The stream's tracks stay the caller's. */
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
 * Pure: H.264 first, because old classroom PCs decode it in hardware; all else keeps its order.
 * @template {{mimeType: string, sdpFmtpLine?: string}} C
 * @param {C[]} sendable codecs that this browser can encode
 * @param {C[]} receivable newer browsers accept only preferences that they could also decode
 * @returns {C[]}
 */
export function preferH264(sendable, receivable) {
  const name = (/** @type {C} */ codec) =>
    `${codec.mimeType} ${codec.sdpFmtpLine ?? ""}`.toLowerCase();
  const known = new Set(receivable.map(name));
  const usable = sendable.filter((codec) => known.has(name(codec)));
  const rank = (/** @type {C} */ codec) => {
    if (codec.mimeType.toLowerCase() !== "video/h264") {
      return 2;
    }
    return name(codec).includes("packetization-mode=1") ? 0 : 1;
  };
  return usable
    .map((codec, place) => ({ codec, place }))
    .sort((a, b) => rank(a.codec) - rank(b.codec) || a.place - b.place)
    .map((entry) => entry.codec);
}

/**
 * Open a publishing session.
 * @param {{base: string, stage: string, ticket: string, stream: MediaStream, timeout: number,
 *   onstate: (state: RTCPeerConnectionState) => void}} options `timeout` in seconds
 * @returns {Promise<WhipSession>}
 * @throws {WhepError} the same as a viewer's: the relay's status, or 0 when nobody answered
 */
export async function publish({ base, stage, ticket, stream, timeout, onstate }) {
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
  const session = new WhipSession(peer, "", ticket);
  try {
    peer.onconnectionstatechange = () => onstate(peer.connectionState);
    addTracks(peer, stream);
    await peer.setLocalDescription(await peer.createOffer());
    const response = await fetch(`${base}/whip/${encodeURIComponent(stage)}`, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${ticket}` },
      body: peer.localDescription?.sdp ?? "",
      signal: AbortSignal.timeout(timeout * 1000),
    });
    if (response.status !== 201) {
      const retryAfter = Number(response.headers.get("Retry-After") ?? 0) || 0;
      throw new WhepError("the relay refused", response.status, retryAfter);
    }
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
 * @param {RTCPeerConnection} peer
 * @param {MediaStream} stream
 */
function addTracks(peer, stream) {
  for (const track of [...stream.getAudioTracks(), ...stream.getVideoTracks()]) {
    const video = track.kind === "video";
    const sendEncodings = video ? [{ maxBitrate: MOST_BITRATE }] : [];
    const options = { direction: /** @type {const} */ ("sendonly"), streams: [stream], sendEncodings };
    const transceiver = peer.addTransceiver(track, options);
    if (video && transceiver.setCodecPreferences) {
      const sendable = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
      const receivable = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
      transceiver.setCodecPreferences(preferH264(sendable, receivable));
    }
  }
}
