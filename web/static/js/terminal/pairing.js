// @ts-check
/**
 * Waiting for an administrator: shows a code, asks whether it was approved, renews it. No DOM.
 *
 * A new code is fetched before the old one expires; the old one is still asked for until it does,
 * so that an approval in the last second is not lost.
 */

import { Unreachable } from "./coordinator.js";

const ASK_EVERY = 2; // seconds
const RENEW_BEFORE = 45; // seconds before the code expires

/** @typedef {import("./coordinator.js").Pairing} Pairing */

/**
 * Pure: which codes are still worth asking for, and whether a new one is due.
 * @param {Pairing[]} pairings
 * @param {number} now
 * @returns {{alive: Pairing[], renew: boolean}}
 */
export function usablePairings(pairings, now) {
  const alive = pairings.filter((pairing) => pairing.expires_at > now);
  return { alive, renew: !alive.some((pairing) => pairing.expires_at - RENEW_BEFORE > now) };
}

export class PairingLoop {
  /**
   * @param {{coordinator: import("./coordinator.js").CoordinatorApi, store: import("./store.js").Store, now: () => number,
   *   sleep: (seconds: number) => Promise<void>, oncode: (pairing: Pairing) => void,
   *   ontrouble: (away: boolean) => void}} parts
   */
  constructor(parts) {
    this.parts = parts;
  }

  /** @returns {Promise<string>} the device token, once somebody approved this room */
  async run() {
    const { coordinator, store, now, sleep, oncode, ontrouble } = this.parts;
    /** @type {Pairing[]} */
    let pairings = store.get("pairings") ?? []; // a reload keeps the code that is being typed
    for (;;) {
      const { alive, renew } = usablePairings(pairings, now());
      pairings = alive;
      let pause = ASK_EVERY;
      try {
        if (renew) {
          pairings = [...alive, await coordinator.beginPairing()];
          store.set("pairings", pairings);
        }
        oncode(pairings[pairings.length - 1]);
        const token = await this.#approved(pairings);
        if (token !== null) {
          store.remove("pairings");
          return token;
        }
        pairings = pairings.filter((pairing) => pairing.expires_at > 0);
        ontrouble(false);
      } catch (error) {
        if (!(error instanceof Unreachable)) {
          throw error;
        }
        pause = Math.max(ASK_EVERY, error.retryAfter);
        ontrouble(true);
      }
      await sleep(pause);
    }
  }

  /**
   * @param {Pairing[]} pairings
   * @returns {Promise<string | null>}
   */
  async #approved(pairings) {
    for (const pairing of pairings) {
      const status = await this.parts.coordinator.pairingStatus(pairing);
      if (status === "approved") {
        return pairing.secret;
      }
      if (status === "expired") {
        pairing.expires_at = 0;
      }
    }
    return null;
  }
}
