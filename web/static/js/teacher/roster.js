// @ts-check
/**
 * What a roster says about each room, as words. No DOM, no clock of its own.
 * @typedef {import("../protocol/stage.js").RosterEntry} RosterEntry
 * @typedef {{look: string, word: string}} Saying
 * @typedef {{state: Saying, sees: Saying, hears: Saying, since: number | null}} Row
 */

export const AUDIBLE = 0.002; // RMS; below it is what a silent room's microphone gives
export const QUIET_AFTER = 10; // seconds without sound until the page says so: teachers pause
const NOTHING = Object.freeze({ look: "", word: "—" });

/** Remembers when each peer was last heard playing sound. */
export class Ears {
  constructor() {
    /** @type {Map<string, number>} peer -> seconds */
    this.heard = new Map();
  }

  /** @param {RosterEntry} entry @param {number} now seconds */
  listen(entry, now) {
    if (entry.audio_level > AUDIBLE) this.heard.set(entry.peer, now);
    return now - (this.heard.get(entry.peer) ?? -Infinity) <= QUIET_AFTER;
  }
}

/**
 * @param {RosterEntry[]} peers
 * @param {string[]} subjects whose peers belong to one row, e.g. ["room:1", "person:2"]
 * @returns {RosterEntry | null} the row's peer: a publisher first, then the one heard last
 */
export function peerOf(peers, subjects) {
  const own = peers.filter((peer) => subjects.includes(peer.subject));
  own.sort(
    (a, b) =>
      Number(b.grant === "publish") - Number(a.grant === "publish") || b.last_heard - a.last_heard,
  );
  return own[0] ?? null;
}

/**
 * @param {RosterEntry | null} peer
 * @param {boolean} isHost
 * @param {boolean} audible
 * @param {Record<string, string>} words
 * @returns {Row}
 */
export function rowOf(peer, isHost, audible, words) {
  if (!peer || (isHost && peer.grant !== "publish")) {
    const state = { look: "bad", word: words.out };
    return { state, sees: NOTHING, hears: NOTHING, since: null };
  }
  if (peer.state === "NEW" || peer.state === "CONNECTING") {
    const state = { look: "warn", word: words.connecting };
    return { state, sees: NOTHING, hears: NOTHING, since: peer.since };
  }
  if (peer.state !== "CONNECTED") {
    const state = { look: "bad", word: words.silent };
    return { state, sees: NOTHING, hears: NOTHING, since: peer.since };
  }
  const state = { look: "good", word: words.in };
  if (isHost) {
    const sends = peer.bitrate > 0;
    const sees = { look: sends ? "good" : "bad", word: sends ? words.sends : words.sendsNothing };
    return { state, sees, hears: NOTHING, since: peer.since };
  }
  const shows = peer.playing && peer.frames_per_second > 0;
  const sees = { look: shows ? "good" : "bad", word: shows ? words.picture : words.noPicture };
  return { state, sees, hears: hearing(peer, audible, words), since: peer.since };
}

/**
 * @param {RosterEntry} peer
 * @param {boolean} audible
 * @param {Record<string, string>} words
 * @returns {Saying}
 */
function hearing(peer, audible, words) {
  if (peer.muted) return { look: "warn", word: words.muted };
  if (audible) return { look: "good", word: words.sound };
  return { look: "warn", word: words.noSound };
}
