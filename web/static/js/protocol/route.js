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
export const HUNGRY = 1.5; // seconds without a picture until a viewer looks for its lesson elsewhere
export const LOOKS = Object.freeze([2, 2, 2, 4]); // seconds after the first looks
export const SLOWEST_LOOK = 8; // and after all later ones: a host may be minutes late

/** What a relay said when it was asked for the lesson's sources. */
export const Sight = Object.freeze({
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
   * @param {ReadonlyMap<string, string>} seen address -> Sight, in the list's order
   * @param {number} now
   * @returns {string | null} where to go, null to wait a moment
   */
  choose(seen, now) {
    const answers = [Sight.SOURCE, Sight.EMPTY];
    const there = [...seen.keys()].filter((url) => answers.includes(seen.get(url) ?? ""));
    const fit = there.filter((url) => this.isFit(url, now));
    const source = fit.find((url) => seen.get(url) === Sight.SOURCE);
    if (source !== undefined) {
      return source;
    }
    if (this.holds(now) && seen.has(this.home)) {
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
  arrived(url) {
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

/** When a viewer on one relay looks at the others. */
export class Hunger {
  /** @param {number} now */
  constructor(now) {
    this.fedAt = now;
    this.next = now;
    this.looks = 0;
  }

  /**
   * A picture came.
   * @param {number} at
   */
  fed(at) {
    if (at > this.fedAt) {
      this.fedAt = at;
      this.looks = 0;
    }
  }

  /**
   * @param {number} now
   * @returns {boolean} whether to look around now; the next look is then some time away
   */
  wantsLook(now) {
    if (now - this.fedAt < HUNGRY || (this.looks > 0 && now < this.next)) {
      return false;
    }
    this.next = now + (LOOKS[this.looks] ?? SLOWEST_LOOK);
    this.looks += 1;
    return true;
  }
}
