// @ts-check
/** Keeps a page on the stage of its lesson: the first relay that answers, again after each loss. */

import { absolute, api } from "../lib/page.js";
import { Close, openStage } from "../protocol/stage.js";

const ANSWER = 4; // seconds until a relay has to welcome us
const FIRST_PAUSE = 0.5;
const LONGEST_PAUSE = 3; // somebody watches the page

/** One window of a person is on a stage: this one waits until somebody comes back to it. */
const attention = () => new Promise((resolve) => addEventListener("focus", resolve, { once: true }));

/** @param {number} seconds */
const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * @typedef {{stage: string, view: string | null, publish: string | null,
 *   relays: {node: string, url: string}[], closes_at: number}} Stage
 */

/**
 * Follow the stage until it is closed.
 * @param {string} lesson
 * @param {{onroster: (peers: import("../protocol/stage.js").RosterEntry[]) => void,
 *   onlink: (up: boolean, elsewhere: boolean) => void, onstage: (stage: Stage) => void}} handlers
 */
export async function follow(lesson, { onroster, onlink, onstage }) {
  let pause = FIRST_PAUSE;
  for (;;) {
    const stage = /** @type {Stage | null} */ (
      await api("GET", `/api/v1/lessons/${lesson}/live`).catch(() => null)
    );
    if (stage && !stage.view) return;
    if (stage) {
      onstage(stage);
      const code = await attend(stage, onroster, () => {
        pause = FIRST_PAUSE;
        onlink(true, false);
      });
      onlink(false, code === Close.TAKEN_OVER);
      if (code === Close.STAGE_CLOSED) return;
      if (code === Close.TAKEN_OVER) await attention();
    }
    await sleep(pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

/**
 * @param {Stage} stage
 * @param {(peers: import("../protocol/stage.js").RosterEntry[]) => void} onroster
 * @param {() => void} onwelcome
 * @returns {Promise<number>} the code with which the link ended, 0 when no relay answered
 */
async function attend(stage, onroster, onwelcome) {
  for (const relay of stage.relays) {
    const ended = await new Promise((resolve) => {
      openStage({
        base: absolute(relay.url),
        stage: stage.stage,
        ticket: stage.view ?? "",
        timeout: ANSWER,
        onroster,
        onend: (code) => resolve(code),
      }).then(onwelcome, (error) => resolve(error.code === Close.STAGE_CLOSED ? error.code : null));
    });
    if (ended !== null) return ended;
  }
  return 0;
}
