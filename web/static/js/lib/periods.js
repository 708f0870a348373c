// @ts-check
/** The period field: names of the chosen day and room, and wall-clock times of one's own. */

import { api } from "./page.js";

/** @param {HTMLFormElement} form */
export function showOwnTimes(form) {
  const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem("period"));
  for (const part of form.querySelectorAll(".own-times")) {
    part.toggleAttribute("hidden", select.value !== "own");
  }
}

/**
 * Offer the host room's periods of the chosen day, keeping the choice when it still exists.
 * @param {HTMLFormElement} form
 * @param {string} room id of the host room
 */
export async function offerPeriods(form, room) {
  const day = /** @type {HTMLInputElement} */ (form.elements.namedItem("day")).value;
  const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem("period"));
  if (!room || !day) return;
  const answer = await api("GET", `/api/v1/rooms/${room}/periods?day=${day}`).catch(() => null);
  if (!answer) return; // the old names stay; the server checks the times anyway
  const before = select.value;
  const own = select.options[select.options.length - 1];
  const offered = answer.periods.map((/** @type {any} */ period) => {
    const value = `${period.starts}-${period.ends}`;
    return new Option(`${period.name} ${period.starts}–${period.ends}`, value);
  });
  select.replaceChildren(...offered, own);
  select.value = [...select.options].some((option) => option.value === before) ? before : "own";
}
