// @ts-check
/**
 * What a roster says about each room, as words. No DOM, no clock of its own.
 * @typedef {import("../protocol/stage.js").RosterEntry} RosterEntry
 * @typedef {{look: string, word: string}} Saying
 * @typedef {{state: Saying, sees: Saying, hears: Saying, since: number | null}} Row
 */

export const AUDIBLE = 0.002; // RMS; below it is what a silent room's microphone gives
export const QUIET_AFTER = 10; // seconds without sound until the page says so: teachers pause
export const NAMED = 5; // names in a sentence; of more, their number is told
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
 * @param {boolean} wasIn it has been in the lesson before
 * @returns {Row}
 */
export function rowOf(peer, isHost, audible, words, wasIn = false) {
  if (!peer || (isHost && peer.grant !== "publish")) {
    const state = { look: "bad", word: wasIn ? words.gone : words.out };
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

/**
 * One sentence for a teacher who is teaching: how many rooms see the lesson, and which do not.
 * Sound is left to the rows: every room is quiet whenever the teacher is.
 * @param {{name: string, row: Row}[]} rooms the receiving ones
 * @param {Record<string, string>} words
 * @returns {Saying}
 */
export function summary(rooms, words) {
  /** @type {Map<string, string[]>} what is the matter -> whom with */
  const troubles = new Map();
  for (const { name, row } of rooms) {
    const worse = [row.state, row.sees].find((saying) => saying.look !== "good");
    if (worse) troubles.set(worse.word, [...(troubles.get(worse.word) ?? []), name]);
  }
  const well = rooms.length - [...troubles.values()].flat().length;
  const count = words.seen.replace("{n}", String(well)).replace("{all}", String(rooms.length));
  if (well === rooms.length) return { look: "good", word: count };
  const said = [...troubles].map(([word, names]) => `${word}${words.colon}${listed(names, words)}`);
  return { look: "warn", word: [count, ...said].join(words.semicolon) };
}

/**
 * @param {string[]} names
 * @param {Record<string, string>} words
 */
function listed(names, words) {
  const shown = names.slice(0, NAMED).join(words.comma);
  return names.length > NAMED ? words.more.replace("{names}", shown).replace("{n}", String(names.length)) : shown;
}
