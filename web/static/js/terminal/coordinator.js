// @ts-check
/**
 * The coordinator's API for terminals: pairing and the day, over HTTP. No DOM.
 *
 * @typedef {{id: string, code: string, secret: string, expires_at: number, url: string}} Pairing
 * @typedef {{server_time: number, time_zone: string, terminal: {id: string},
 *   room: {id: string, name: string, school: string},
 *   relays: import("./attendance.js").Relay[], lessons: import("./schedule.js").Lesson[],
 *   refresh_after: number}} Day
 */

const API = "/api/v1/terminal";
const TIMEOUT = 10_000; // milliseconds
const HALF_A_SECOND = 0.5; // a Date header has whole seconds, cut off

/** the coordinator took this device's right away */
export class Revoked extends Error {}

/** the coordinator is away, or asks us to wait */
export class Unreachable extends Error {
  /**
   * @param {string} message
   * @param {number} retryAfter seconds, 0 when it did not say
   */
  constructor(message, retryAfter = 0) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

export class CoordinatorApi {
  /** @param {(serverTime: number, tripSeconds: number) => void} ontime called with every answer */
  constructor(ontime) {
    this.ontime = ontime;
  }

  /**
   * @returns {Promise<Pairing>}
   * @throws {Unreachable}
   */
  async beginPairing() {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ user_agent: navigator.userAgent.slice(0, 200) });
    const pairing = await this.#call("/pairings", { method: "POST", headers, body });
    if (pairing === null) {
      throw new Unreachable("no such address");
    }
    return pairing;
  }

  /**
   * @param {Pairing} pairing
   * @returns {Promise<"waiting" | "approved" | "expired">}
   * @throws {Unreachable}
   */
  async pairingStatus(pairing) {
    const answer = await this.#call(`/pairings/${pairing.id}`, bearer(pairing.secret));
    return answer === null ? "expired" : answer.status;
  }

  /**
   * @param {string} token
   * @returns {Promise<Day>}
   * @throws {Unreachable | Revoked}
   */
  async readDay(token) {
    const asked = performance.now();
    const day = await this.#call("/day", bearer(token));
    if (day === null) {
      throw new Unreachable("no such address");
    }
    this.ontime(day.server_time, (performance.now() - asked) / 1000);
    return day;
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   * @returns {Promise<any>} the JSON answer, null for 404
   */
  async #call(path, options) {
    const asked = performance.now();
    let response;
    try {
      response = await fetch(API + path, { ...options, signal: AbortSignal.timeout(TIMEOUT) });
    } catch (error) {
      throw new Unreachable(String(error));
    }
    const date = Date.parse(response.headers.get("Date") ?? "");
    if (!Number.isNaN(date)) {
      this.ontime(date / 1000 + HALF_A_SECOND, (performance.now() - asked) / 1000);
    }
    if (response.ok) {
      return await response.json();
    }
    if (response.status === 404) {
      return null;
    }
    if (response.status === 401 && (await isRevocation(response))) {
      throw new Revoked("this device was revoked");
    }
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    throw new Unreachable(`status ${response.status}`, retryAfter);
  }
}

/**
 * @param {string} token
 * @returns {RequestInit}
 */
function bearer(token) {
  return { headers: { Authorization: `Bearer ${token}` } };
}

/**
 * A 401 of a proxy or of a server that is just starting must not unpair a classroom.
 * @param {Response} response
 */
async function isRevocation(response) {
  const problem = await response.json().catch(() => ({}));
  return String(problem.type ?? "").endsWith("/terminal-revoked");
}
