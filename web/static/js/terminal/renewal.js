// @ts-check
/**
 * When a page that nobody touches should load itself anew. Pure: times are seconds.
 *
 * A wall's page lives for months: it has to take over a new version of itself, and to get over a
 * mistake of its own. Neither may cost a class its picture.
 */

import { State } from "./machine.js";

export const OLD = 12 * 3600;
export const QUIET = 30 * 60; // no lesson may begin so soon

/**
 * @param {{state: string, age: number, broken: boolean, newer: boolean, nextLessonIn: number}} page
 *   `age` since it was loaded, `broken` after an error that nobody foresaw, `newer` when a newer
 *   version of the page is kept already, `nextLessonIn` Infinity for none
 * @returns {boolean}
 */
export function reloadIsDue({ state, age, broken, newer, nextLessonIn }) {
  if (broken) {
    return state !== State.LIVE;
  }
  const quiet = state === State.STANDBY || state === State.PAIRING; // a code outlives a reload
  return (newer || age > OLD) && quiet && nextLessonIn > QUIET;
}
