// @ts-check
/** What the screen says while the picture is away. Pure: times are seconds, `now` is an argument. */

export const CALL_AFTER = 30; // seconds; a relay that died is back within five, a router within a minute

export class Interruption {
  constructor() {
    /** @type {number | null} */
    this.since = null;
  }

  /**
   * Take what is so now, and return the name of the sentence; "" when nothing is lost.
   * @param {boolean} lost
   * @param {boolean} hosting
   * @param {number} now
   * @returns {string}
   */
  sentence(lost, hosting, now) {
    if (!lost) {
      this.since = null;
      return "";
    }
    this.since ??= now;
    const name = hosting ? "host_lost" : "reconnecting";
    return now - this.since < CALL_AFTER ? name : `${name}_long`;
  }
}
