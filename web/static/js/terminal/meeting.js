// @ts-check
/**
 * One lesson's connection, kept alive from its start to its end. No DOM.
 *
 * A meeting tries the relays in their order, watches the connection it has, and begins anew when it
 * dies. What a connection is made of (viewing or publishing) is the caller's `join`.
 *
 * @typedef {{node: string, url: string}} Relay
 * @typedef {"closed" | "taken-over" | "refused" | "dead" | "empty" | "stopped"} Ending
 * @typedef {{ended: Promise<Ending>, leave: () => void, pictured: () => boolean}} Connection
 * @typedef {(relay: Relay) => Promise<Connection>} Join
 */

import { MOST, waitBefore } from "./backoff.js";

/** Another page with this room's token is in the lesson: leave it alone, look again later. */
export const TAKEN_OVER_WAIT = 60; // seconds

export class Meeting {
  /**
   * @param {{relays: () => Relay[], join: Join, sleep: (seconds: number) => Promise<void>,
   *   random: () => number, onlost: () => void, onclosed: () => void, onrefused: () => void,
   *   ontakenover: () => void}} parts
   */
  constructor(parts) {
    this.parts = parts;
    this.stopped = false;
    /** @type {Connection | null} */
    this.connection = null;
    this.attempt = 0;
    this.place = 0;
    this.asked = 0; // seconds for which the last relay asked to be left alone
  }

  /** Run until `stop` or until the relay closes the stage. */
  async run() {
    while (!this.stopped) {
      const ending = await this.#once();
      if (this.stopped) {
        return;
      }
      if (ending === "closed") {
        this.stop();
        this.parts.onclosed();
        return;
      }
      this.#tell(ending);
      await this.parts.sleep(this.#wait(ending));
    }
  }

  /** Leave the lesson; nothing is reported after this. */
  stop() {
    this.stopped = true;
    this.connection?.leave();
    this.connection = null;
  }

  /** @returns {Promise<Ending>} how one connection, or the attempt to have one, ended */
  async #once() {
    const relays = this.parts.relays();
    if (relays.length === 0) {
      return "dead";
    }
    const relay = relays[this.place % relays.length];
    try {
      const connection = await this.parts.join(relay);
      if (this.stopped) {
        connection.leave();
        return "stopped";
      }
      this.connection = connection;
    } catch (error) {
      this.place += 1;
      this.asked = relays.length > 1 ? 0 : (/** @type {any} */ (error).retryAfter ?? 0);
      return endingOf(error);
    }
    this.asked = 0;
    const { connection } = this;
    const ending = await connection.ended;
    connection.leave();
    this.connection = null;
    if (connection.pictured()) {
      this.attempt = 0; // it had worked: the same relay again, soon
    } else {
      this.place += 1;
    }
    return ending;
  }

  /** @param {Ending} ending */
  #tell(ending) {
    if (ending === "refused") {
      this.parts.onrefused();
    } else if (ending === "taken-over") {
      this.parts.ontakenover();
    } else {
      this.parts.onlost();
    }
  }

  /**
   * @param {Ending} ending
   * @returns {number} seconds
   */
  #wait(ending) {
    if (ending === "taken-over") {
      return TAKEN_OVER_WAIT;
    }
    const wait = waitBefore(this.attempt++, this.parts.random());
    return Math.max(wait, Math.min(this.asked, MOST));
  }
}

const STAGE_CLOSED = 4410;
const TAKEN_OVER = 4409;
const REFUSED = [4401, 401, 403];

/**
 * Pure: what a WebSocket's close code means for the meeting.
 * @param {number} code
 * @returns {Ending}
 */
export function endingOfClose(code) {
  if (code === STAGE_CLOSED) {
    return "closed";
  }
  if (code === TAKEN_OVER) {
    return "taken-over";
  }
  return REFUSED.includes(code) ? "refused" : "dead";
}

/**
 * @param {any} error of an attempt: a StageError with `code` or a WhepError with `status`
 * @returns {Ending}
 */
function endingOf(error) {
  if (error.code) {
    return endingOfClose(error.code);
  }
  if (error.status === 410) {
    return "closed";
  }
  return REFUSED.includes(error.status) ? "refused" : "dead";
}
