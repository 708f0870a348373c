// @ts-check
/**
 * Waiting times between attempts. Pure: randomness is an argument.
 *
 * Sixty rooms lose the same relay in the same second, so every wait is spread at random. The first
 * ones are short, because a relay that died is back within seconds and a class is waiting; only
 * then they double.
 */

export const FIRST_LEAST = 0.2; // seconds
export const FIRST_MOST = 1.0;
export const MOST = 8.0;
export const SHORT_ONES = 6; // as many waits as a relay's restart takes, before they grow

/**
 * @param {number} attempt 0 for the first repetition, counting up
 * @param {number} random in [0, 1)
 * @returns {number} seconds to wait
 */
export function waitBefore(attempt, random) {
  const factor = 2 ** Math.min(Math.max(0, attempt + 1 - SHORT_ONES), 16);
  const least = Math.min(FIRST_LEAST * factor, MOST / 2);
  const most = Math.min(FIRST_MOST * factor, MOST);
  return least + (most - least) * random;
}
