// @ts-check
/** Keeps every [data-countdown] (Unix seconds) telling how long it still is. */

import { serverNow } from "./page.js";

/**
 * @param {number} left seconds
 * @param {DOMStringMap} words
 * @returns {string}
 */
export function remaining(left, words) {
  if (left <= 0) return words.now ?? "";
  if (left < 60) return (words.seconds ?? "").replace("{n}", String(Math.ceil(left)));
  const minutes = Math.floor(left / 60);
  if (minutes < 60) return (words.minutes ?? "").replace("{n}", String(minutes));
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) {
    return (words.days ?? "")
      .replace("{d}", String(Math.floor(hours / 24)))
      .replace("{h}", String(hours % 24));
  }
  return (words.hours ?? "").replace("{h}", String(hours)).replace("{n}", String(minutes % 60));
}

function tick() {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    const element = /** @type {HTMLElement} */ (place);
    const text = remaining(Number(element.dataset.countdown) - serverNow(), element.dataset);
    if (element.textContent !== text) element.textContent = text;
  }
}

tick();
setInterval(tick, 1000);
