// @ts-check
/**
 * Which of a lesson's relays to go to. Pure: times are seconds, `now` is an argument, no network.
 *
 * Everybody of a lesson holds the same ordered list and follows the same rule, written a second time
 * in media/client/lesson/route.py, with its reasons in docs/decisions/0010:
 *
 * 1. Go where the lesson is: to the first relay in the order that has a source.
 * 2. Nobody has one: the relay that was good until now has HOLD seconds to come back.
 * 3. Else go to the first relay in the order that answers.
 */

export const HOLD = 2; // seconds; a supervisor starts a dead relay again in about one
export const UNFIT = 10; // seconds in which a relay that let us not in is asked last
export const MISSING_AFTER = 1.5; // seconds without a picture until a viewer asks other relays
export const PAUSES = Object.freeze([2, 2, 2, 4]); // seconds after the first questions
export const LONGEST_PAUSE = 8; // and after all later ones: a host may be minutes late

/** What a relay said when it was asked for the lesson's sources. */
export const NodeAnswer = Object.freeze({
  SOURCE: "source",
  EMPTY: "empty",
  SILENT: "silent", // no answer
  CLOSED: "closed", // the lesson is over
});

/** One member's memory of its lesson's relays, which are known by their addresses. */
export class Route {
  constructor() {
    this.home = "";
    /** @type {number | null} */
    this.lostAt = null;
    /** @type {Map<string, number>} */
    this.unfit = new Map();
  }

  /**
   * @param {ReadonlyMap<string, string>} answers address -> NodeAnswer, in the list's order
   * @param {number} now
   * @returns {string | null} where to go, null to wait a moment
   */
  choose(answers, now) {
    const present = [NodeAnswer.SOURCE, NodeAnswer.EMPTY];
    const there = [...answers.keys()].filter((url) => present.includes(answers.get(url) ?? ""));
    const fit = there.filter((url) => this.isFit(url, now));
    const source = fit.find((url) => answers.get(url) === NodeAnswer.SOURCE);
    if (source !== undefined) {
      return source;
    }
    if (this.holds(now) && answers.has(this.home)) {
      return fit.includes(this.home) ? this.home : null;
    }
    return fit[0] ?? there[0] ?? null;
  }

  /**
   * @param {number} now
   * @returns {boolean} whether the relay that was lost may still come back
   */
  holds(now) {
    return this.lostAt !== null && now - this.lostAt < HOLD;
  }

  /**
   * @param {string} url
   * @param {number} now
   */
  isFit(url, now) {
    return (this.unfit.get(url) ?? now) <= now;
  }

  /**
   * A connection to this relay works.
   * @param {string} url
   */
  connected(url) {
    this.home = url;
    this.lostAt = null;
    this.unfit.delete(url);
  }

  /**
   * The connection that worked is gone, and not because we left.
   * @param {number} now
   */
  lost(now) {
    this.lostAt = now;
  }

  /**
   * This relay answered, and a connection did not come about all the same.
   * @param {string} url
   * @param {number} now
   */
  failed(url, now) {
    if (url !== this.home || !this.holds(now)) {
      this.unfit.set(url, now + UNFIT);
    }
  }
}

/** When a viewer that gets no media on one relay asks the others. */
export class MissingMediaWatch {
  /** @param {number} now */
  constructor(now) {
    this.mediaAt = now;
    this.next = now;
    this.asked = 0;
  }

  /**
   * A picture came.
   * @param {number} at
   */
  mediaCame(at) {
    if (at > this.mediaAt) {
      this.mediaAt = at;
      this.asked = 0;
    }
  }

  /**
   * @param {number} now
   * @returns {boolean} whether to ask now; the next time is then some seconds away
   */
  discoveryIsDue(now) {
    if (now - this.mediaAt < MISSING_AFTER || (this.asked > 0 && now < this.next)) {
      return false;
    }
    this.next = now + (PAUSES[this.asked] ?? LONGEST_PAUSE);
    this.asked += 1;
    return true;
  }
}
