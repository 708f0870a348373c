// @ts-check
/** Asks the relays of a lesson where it is: GET /stages/{stage}/sources. No DOM. */

import { Sight } from "./route.js";

const PATIENCE = 2000; // milliseconds: four round trips of a village's uplink
const GRACE = 300; // for all others once a relay with a source has answered

/**
 * Ask all relays at once.
 * @param {{urls: string[], stage: string, ticket: string}} options
 * @returns {Promise<Map<string, string>>} address -> Sight, in the order of `urls`; never rejects
 */
export function lookAround({ urls, stage, ticket }) {
  const seen = new Map(urls.map((url) => [url, Sight.SILENT]));
  return new Promise((resolve) => {
    let missing = urls.length;
    const done = () => resolve(seen);
    const patience = setTimeout(done, PATIENCE);
    for (const url of urls) {
      ask(url, stage, ticket).then((sight) => {
        seen.set(url, sight);
        missing -= 1;
        if (missing === 0) {
          clearTimeout(patience);
          done();
        } else if (sight === Sight.SOURCE) {
          setTimeout(done, GRACE);
        }
      });
    }
  });
}

/**
 * @param {string} base
 * @param {string} stage
 * @param {string} ticket
 * @returns {Promise<string>}
 */
async function ask(base, stage, ticket) {
  try {
    const response = await fetch(`${base}/stages/${encodeURIComponent(stage)}/sources`, {
      headers: { Authorization: `Bearer ${ticket}` },
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    return readSight(response.status, await response.text());
  } catch (error) {
    return Sight.SILENT; // refused, unreachable, or too late: all the same to us
  }
}

/**
 * Pure: what an answer says. A proxy answers 502 for a relay that is dead; a relay that refuses the
 * ticket is there, and says why when it is joined.
 * @param {number} status
 * @param {string} text
 * @returns {string}
 */
export function readSight(status, text) {
  if (status === 410) {
    return Sight.CLOSED;
  }
  if (status >= 400) {
    return status >= 500 ? Sight.SILENT : Sight.EMPTY;
  }
  try {
    const { main } = JSON.parse(text).sources;
    return main === true ? Sight.SOURCE : Sight.EMPTY;
  } catch (error) {
    return Sight.SILENT; // not a relay
  }
}
