// @ts-check
/**
 * Decides when a connection is dead. Pure: times are seconds, nothing is read from anywhere.
 *
 * A relay that was killed closes its WebSocket long before ICE notices. A path that carries
 * nothing while the WebSocket lives shows in the frames: none for three seconds although the
 * stage says that somebody publishes.
 */

export const STALLED_AFTER = 3; // seconds without a new frame, or without a path
export const FIRST_PICTURE_WITHIN = 8; // seconds for the first one: DTLS, a keyframe, a slow decoder

export class Watchdog {
  /** @param {number} now */
  constructor(now) {
    this.frames = 0;
    this.since = now;
    this.begun = false;
    this.wasUp = false;
    /** @type {number | null} */
    this.pathLostAt = null;
  }

  /**
   * @param {number} now
   * @param {number} frames decoded so far on this connection
   * @param {boolean} sourceUp what the stage says about the main slot
   */
  observe(now, frames, sourceUp) {
    if (frames > this.frames) {
      this.begun = true;
    }
    if (frames > this.frames || !sourceUp || !this.wasUp) {
      this.since = now; // it moves, or nobody publishes: the time counts from now
    }
    this.frames = frames;
    this.wasUp = sourceUp;
  }

  /**
   * @param {number} now
   * @param {string} state of the peer connection
   */
  path(now, state) {
    const alive = state === "connected" || state === "connecting" || state === "new";
    this.pathLostAt = alive ? null : (this.pathLostAt ?? now);
  }

  /**
   * @param {number} now
   * @returns {boolean} whether to give this connection up
   */
  isDead(now) {
    const limit = this.begun ? STALLED_AFTER : FIRST_PICTURE_WITHIN;
    const stalled = this.wasUp && now - this.since >= limit;
    const pathless = this.pathLostAt !== null && now - this.pathLostAt >= STALLED_AFTER;
    return stalled || pathless;
  }
}
