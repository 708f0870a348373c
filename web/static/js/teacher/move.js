// @ts-check
/** Moving a lesson: the periods follow the chosen day. */

import { offerPeriods, showOwnTimes } from "../lib/periods.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("moving"));

form.addEventListener("change", async (event) => {
  const name = /** @type {HTMLInputElement} */ (event.target).name;
  if (name === "day") await offerPeriods(form, form.dataset.room ?? "");
  showOwnTimes(form);
});

showOwnTimes(form);
