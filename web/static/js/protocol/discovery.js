// @ts-check
/** Asks the relays of a lesson where it is: GET /stages/{stage}/sources. No DOM. */

import { NodeAnswer } from "./route.js";

const ANSWER_TIMEOUT = 2000; // milliseconds: four round trips of a village's uplink
const GRACE = 300; // for all others once a relay with a source has answered

/**
 * Ask all relays at once.
 * @param {{urls: string[], stage: string, ticket: string}} options
 * @returns {Promise<Map<string, string>>} address -> NodeAnswer, in the order of `urls`; never rejects
 */
export function discover({ urls, stage, ticket }) {
  const answers = new Map(urls.map((url) => [url, NodeAnswer.SILENT]));
  return new Promise((resolve) => {
    let missing = urls.length;
    const done = () => resolve(answers);
    const timer = setTimeout(done, ANSWER_TIMEOUT);
    for (const url of urls) {
      ask(url, stage, ticket).then((answer) => {
        answers.set(url, answer);
        missing -= 1;
        if (missing === 0) {
          clearTimeout(timer);
          done();
        } else if (answer === NodeAnswer.SOURCE) {
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
      signal: AbortSignal.timeout(ANSWER_TIMEOUT),
    });
    return readAnswer(response.status, await response.text());
  } catch (error) {
    return NodeAnswer.SILENT; // refused, unreachable, or too late: all the same to us
  }
}

/**
 * Pure: what an answer says. A proxy answers 502 for a relay that is dead; a relay that refuses the
 * ticket is there, and says why when it is joined.
 * @param {number} status
 * @param {string} text
 * @returns {string}
 */
export function readAnswer(status, text) {
  if (status === 410) {
    return NodeAnswer.CLOSED;
  }
  if (status >= 400) {
    return status >= 500 ? NodeAnswer.SILENT : NodeAnswer.EMPTY;
  }
  try {
    const { main } = JSON.parse(text).sources;
    return main === true ? NodeAnswer.SOURCE : NodeAnswer.EMPTY;
  } catch (error) {
    return NodeAnswer.SILENT; // not a relay
  }
}
