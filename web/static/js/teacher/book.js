// @ts-check
/**
 * The booking form: whole community at once, period names for the chosen day and room, and a
 * verdict of the server a moment after each change. The server checks again at saving.
 */

import { offerPeriods, showOwnTimes } from "../lib/periods.js";

const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-preview]"));
const verdict = /** @type {HTMLElement} */ (document.getElementById("verdict"));
const save = /** @type {HTMLButtonElement} */ (document.getElementById("save"));
const PAUSE = 350; // ms after the last change
const AGAIN = 3000; // ms between two questions while nobody answers

/** @param {string} name @returns {HTMLSelectElement | HTMLInputElement | null} */
const field = (name) => {
  const found = form.elements.namedItem(name);
  return found instanceof HTMLSelectElement || found instanceof HTMLInputElement ? found : null;
};

const rows = () =>
  /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".leg-row")]);
/** @param {HTMLElement} row */
const box = (row) => /** @type {HTMLInputElement} */ (row.querySelector('input[name="room"]'));

/** The host room cannot listen to itself. */
function markHost() {
  const host = field("host_room")?.value ?? "";
  for (const row of rows()) {
    const isHost = row.dataset.room === host;
    row.classList.toggle("is-host", isHost);
    box(row).disabled = isHost;
    if (isHost) box(row).checked = false;
  }
}

/** @param {Set<string>} taken resources, "room:<id>" */
function markTaken(taken) {
  for (const row of rows()) {
    const word = /** @type {HTMLElement} */ (row.querySelector(".taken"));
    const isTaken = taken.has(`room:${row.dataset.room}`);
    row.classList.toggle("is-taken", isTaken);
    const isHost = row.classList.contains("is-host");
    const text = isHost ? word.dataset.hostWord : isTaken ? word.dataset.takenWord : "";
    word.textContent = text ?? "";
  }
}

function countChosen() {
  const chosen = document.getElementById("chosen");
  if (!chosen) return;
  const count = rows().filter((row) => box(row).checked).length;
  chosen.textContent = (chosen.dataset.text ?? "").replace("{n}", String(count));
}

let timer = 0;
let asked = 0;
let away = false; // nobody answered the last question

function previewSoon(pause = PAUSE) {
  clearTimeout(timer);
  timer = window.setTimeout(preview, pause);
}

async function preview() {
  const number = ++asked;
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  const response = await fetch(form.dataset.preview ?? "", { method: "POST", body }).catch(() => null);
  if (number !== asked) return; // a newer question is on its way
  away = !response || response.status >= 500; // a proxy answers 502 for a server that is down
  if (away) tellAway();
  if (!response?.ok) return;
  verdict.innerHTML = await response.text(); // our own server's, escaped there
  takeVerdict();
}

/** Saving now would end on the browser's own error page: say so, keep the form, ask again. */
function tellAway() {
  const notice = document.createElement("p");
  notice.className = "notice bad";
  notice.textContent = verdict.dataset.away ?? "";
  verdict.replaceChildren(notice);
  previewSoon(AGAIN);
}

function takeVerdict() {
  const taken = verdict.querySelector("[data-taken]")?.getAttribute("data-taken") ?? "";
  markTaken(new Set(taken.split(" ").filter(Boolean)));
}

form.addEventListener("change", async (event) => {
  const target = /** @type {HTMLInputElement} */ (event.target);
  if (target.hasAttribute("data-reload")) {
    const query = new URLSearchParams({
      day: field("day")?.value ?? "",
      period: field("period")?.value ?? "",
      community: target.value,
    });
    location.assign(`/book/new?${query}`);
    return;
  }
  markHost();
  countChosen();
  if (target.name === "day" || target.name === "host_room") {
    await offerPeriods(form, field("host_room")?.value ?? "");
  }
  showOwnTimes(form);
  previewSoon();
});

form.addEventListener("submit", (event) => {
  if (away) {
    event.preventDefault();
    previewSoon();
    return;
  }
  // One click, one lesson: the server would recognise the key anyway.
  setTimeout(() => {
    save.disabled = true;
    save.setAttribute("aria-busy", "true");
  });
});

window.addEventListener("pageshow", () => {
  save.disabled = false;
  save.removeAttribute("aria-busy");
});

const everybody = document.getElementById("everybody");
if (everybody) {
  everybody.hidden = false;
  everybody.addEventListener("click", () => {
    const wanted = oneOfEachSchool(rows().filter((row) => !box(row).disabled));
    const all = wanted.every((row) => box(row).checked);
    for (const row of wanted) box(row).checked = !all;
    countChosen();
    previewSoon();
  });
}

/**
 * One room of each other school: a ticked one stays, a free one before a taken one, an interactive
 * room before a recording room (which some other lesson may need as its host).
 * @param {HTMLElement[]} free
 */
function oneOfEachSchool(free) {
  const host = rows().find((row) => row.classList.contains("is-host"))?.dataset.school;
  const rank = (/** @type {HTMLElement} */ row) =>
    (box(row).checked ? 0 : 4) +
    (row.classList.contains("is-taken") ? 2 : 0) +
    (row.dataset.kind === "INTERACTIVE" ? 0 : 1);
  /** @type {Map<string, HTMLElement>} */
  const chosen = new Map();
  for (const row of [...free].sort((a, b) => rank(a) - rank(b))) {
    const school = row.dataset.school ?? "";
    if (school !== host && !chosen.has(school)) chosen.set(school, row);
  }
  return [...chosen.values()];
}

markHost();
countChosen();
showOwnTimes(form);
takeVerdict();
