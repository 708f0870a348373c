// @ts-check
/**
 * The server's time on a machine whose own clock may be wrong. Times are Unix seconds.
 *
 * After the first answer of the server the time runs on the monotonic clock, so that somebody who
 * sets the PC's clock does not move a lesson. Before it, the last known difference is used.
 */

export class ServerClock {
  /**
   * @param {() => number} wall seconds of the machine's own clock
   * @param {() => number} mono seconds of a clock that never jumps
   * @param {number} offset server minus wall, as known from an earlier run
   */
  constructor(wall, mono, offset = 0) {
    this.wall = wall;
    this.mono = mono;
    this.base = wall() + offset;
    this.from = mono();
    this.synced = false;
  }

  /** @returns {number} */
  now() {
    return this.base + (this.mono() - this.from);
  }

  /**
   * Follow the server: it said `serverTime` somewhere between the request and now.
   * @param {number} serverTime
   * @param {number} tripSeconds how long the whole exchange took
   */
  follow(serverTime, tripSeconds) {
    this.base = serverTime + tripSeconds / 2;
    this.from = this.mono();
    this.synced = true;
  }

  /** @returns {number} server minus wall, worth keeping for the next start */
  offset() {
    return this.now() - this.wall();
  }
}
