// @ts-check
/**
 * The WebSocket to the coordinator: reports this terminal's state, receives news of changes. No DOM.
 *
 * It is a convenience: without it the day is read every minute and lessons go on just the same.
 */

import { waitBefore } from "./backoff.js";

const STATE_EVERY = 15_000; // milliseconds between two reports of an unchanged state

export class LiveSocket {
  /**
   * @param {{url: string, token: () => string | null, random: () => number,
   *   onday: () => void, onrevoked: () => void, onwelcome: (serverTime: number) => void}} parts
   */
  constructor(parts) {
    this.parts = parts;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.attempt = 0;
    this.open = false;
    this.last = { state: "CHECKING", detail: {} };
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.again = undefined;
    setInterval(() => this.#send(), STATE_EVERY);
  }

  /** Connect, now and after every loss, as long as there is a token. */
  connect() {
    clearTimeout(this.again);
    const token = this.parts.token();
    if (this.socket !== null || token === null) {
      return;
    }
    const socket = new WebSocket(this.parts.url);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token }));
    socket.onmessage = (event) => this.#take(JSON.parse(event.data));
    socket.onclose = () => this.#lost();
  }

  /** Close, for instance because the token is gone. */
  close() {
    clearTimeout(this.again);
    if (this.socket !== null) {
      this.socket.onclose = null;
      this.socket.close();
    }
    this.socket = null;
    this.open = false;
  }

  /**
   * @param {string} state a name of the coordinator's TerminalState
   * @param {Record<string, string | number | boolean | null>} detail
   */
  report(state, detail) {
    const changed = state !== this.last.state || !same(detail, this.last.detail);
    this.last = { state, detail };
    if (changed) {
      this.#send();
    }
  }

  #send() {
    if (this.open && this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ type: "state", ...this.last }));
    }
  }

  /** @param {any} message */
  #take(message) {
    if (message.type === "welcome") {
      this.open = true;
      this.attempt = 0;
      this.parts.onwelcome(message.server_time);
      this.#send();
    } else if (message.type === "day_changed") {
      this.parts.onday();
    } else if (message.type === "revoked") {
      this.parts.onrevoked();
    }
  }

  #lost() {
    this.socket = null;
    this.open = false;
    const wait = waitBefore(this.attempt++, this.parts.random());
    this.again = setTimeout(() => this.connect(), wait * 1000);
  }
}

/**
 * @param {Record<string, unknown>} a
 * @param {Record<string, unknown>} b
 */
function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
