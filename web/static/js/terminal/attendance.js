// @ts-check
/**
 * One lesson's connection, kept alive from its start to its end. No DOM.
 *
 * An attendance connects to the relay where the lesson is (protocol/route.js), watches that
 * connection, and connects again when it is lost. A relay that is alone is simply tried again. What a connection
 * is made of (viewing or publishing) is the caller's `join`.
 *
 * @typedef {{node: string, url: string}} Relay
 * @typedef {"closed" | "taken-over" | "refused" | "dead" | "elsewhere" | "nowhere" | "stopped"} Ending
 * @typedef {{ended: Promise<Ending>, leave: () => void, connected: () => boolean,
 *   pictured: () => boolean}} Connection `connected`: media could flow; `pictured`: it did
 * @typedef {(relay: Relay, elsewhere: () => Promise<boolean>) => Promise<Connection>} Join
 *   `elsewhere` asks whether another relay has the lesson
 */

import { Route, NodeAnswer } from "../protocol/route.js";
import { MOST, waitBefore } from "./backoff.js";

const NEXT_TRY = 0.3; // seconds between two tries while a relay may still come back
const SPREAD = 0.3; // and how many more by chance

/** Another page with this room's token is in the lesson: try again later. */
export const TAKEN_OVER_WAIT = 60; // seconds

export class Attendance {
  /**
   * @param {{relays: () => Relay[], join: Join, now: () => number,
   *   ask: (relays: Relay[]) => Promise<Map<string, string>>,
   *   sleep: (seconds: number) => Promise<void>, random: () => number, onlost: () => void, onclosed: () => void, onrefused: () => void,
   *   ontakenover: () => void}} parts
   */
  constructor(parts) {
    this.parts = parts;
    this.stopped = false;
    /** @type {Connection | null} */
    this.connection = null;
    this.attempt = 0;
    this.route = new Route();
    this.askedWait = 0; // seconds for which the last relay asked us to wait
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
      this.#report(ending);
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
    const relay = relays.length === 1 ? relays[0] : await this.#choose(relays);
    return typeof relay === "string" ? relay : this.#connect(relay, relays.length === 1);
  }

  /**
   * @param {Relay[]} relays
   * @returns {Promise<Relay | Ending>} where to go now, or why nowhere
   */
  async #choose(relays) {
    const answers = await this.parts.ask(relays);
    if ([...answers.values()].includes(NodeAnswer.CLOSED)) {
      return "closed";
    }
    const url = this.route.choose(answers, this.parts.now());
    return relays.find((relay) => relay.url === url) ?? "nowhere";
  }

  /**
   * @param {Relay} relay
   * @param {boolean} alone
   * @returns {Promise<Ending>}
   */
  async #connect(relay, alone) {
    try {
      const connection = await this.parts.join(relay, () => this.#isElsewhere(relay));
      if (this.stopped) {
        connection.leave();
        return "stopped";
      }
      this.connection = connection;
    } catch (error) {
      const { status = 0, retryAfter = 0 } = /** @type {any} */ (error);
      const isRefusal = status >= 400 && status < 500;
      if (!isRefusal) {
        this.route.failed(relay.url, this.parts.now());
      }
      this.askedWait = alone || isRefusal ? retryAfter : 0;
      return endingOf(error);
    }
    this.askedWait = 0;
    const { connection } = this;
    const ending = await connection.ended;
    connection.leave();
    this.connection = null;
    this.#note(relay, connection, ending);
    return ending;
  }

  /**
   * @param {Relay} relay
   * @param {Connection} connection
   * @param {Ending} ending
   */
  #note(relay, connection, ending) {
    if (connection.pictured()) {
      this.attempt = 0; // it had worked: again, soon
    }
    if (connection.connected()) {
      this.route.connected(relay.url);
    }
    if (ending === "dead" && connection.connected()) {
      this.route.lost(this.parts.now());
    } else if (ending === "dead") {
      this.route.failed(relay.url, this.parts.now());
    }
  }

  /**
   * @param {Relay} here
   * @returns {Promise<boolean>} whether another relay has the lesson
   */
  async #isElsewhere(here) {
    const now = this.parts.now();
    const others = this.parts.relays().filter(
      (relay) => relay.url !== here.url && this.route.isFit(relay.url, now),
    );
    const answers = others.length > 0 ? await this.parts.ask(others) : new Map();
    return [...answers.values()].includes(NodeAnswer.SOURCE);
  }

  /** @param {Ending} ending */
  #report(ending) {
    if (ending === "refused") {
      this.parts.onrefused();
    } else if (ending === "taken-over") {
      this.parts.ontakenover();
    } else if (ending !== "nowhere") {
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
    if (ending === "elsewhere") {
      return SPREAD * this.parts.random();
    }
    if (ending === "nowhere" && this.route.holds(this.parts.now())) {
      return NEXT_TRY + SPREAD * this.parts.random();
    }
    const wait = waitBefore(this.attempt++, this.parts.random());
    return Math.max(wait, Math.min(this.askedWait, MOST));
  }
}

const STAGE_CLOSED = 4410;
const TAKEN_OVER = 4409;
const REFUSED = [4401, 401, 403];

/**
 * Pure: what a WebSocket's close code means for the attendance.
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
