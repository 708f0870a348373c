// @ts-check
/** The live lesson page: who is in, who sees and hears, and publishing from this computer. */

import { pageData, serverNow } from "../lib/page.js";
import { Publisher } from "./publisher.js";
import { Ears, peerOf, rowOf, summary } from "./roster.js";
import { follow } from "./stagelink.js";

const { id, words, timeZone } = pageData("lesson-data");
const status = /** @type {HTMLElement} */ (document.getElementById("stage-status"));
const table = /** @type {HTMLElement} */ (document.getElementById("rooms"));
const others = /** @type {HTMLElement} */ (document.getElementById("others"));
const sentence = /** @type {HTMLElement} */ (document.getElementById("rooms-summary"));
const ears = new Ears();
/** @type {import("./stagelink.js").Stage | null} */
let stage = null;
let lastRoster = 0;
/** @type {Publisher | null} */
let publisher = null;

/** @param {number} seconds Unix time @param {boolean} [precise] */
function clock(seconds, precise = false) {
  const options = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hour12: false, timeZone });
  return new Date(seconds * 1000).toLocaleTimeString(
    document.documentElement.lang,
    precise ? { ...options, second: "2-digit" } : options,
  );
}

/**
 * @param {Element} row
 * @param {string} name
 * @param {import("./roster.js").Saying} saying
 */
function write(row, name, saying) {
  const cell = row.querySelector(`[data-cell="${name}"]`);
  if (!cell) return;
  const plain = saying.word === "—";
  const mark = document.createElement("span");
  mark.className = plain ? "" : `state ${saying.look}`;
  mark.textContent = saying.word;
  if (cell.firstElementChild?.outerHTML !== mark.outerHTML) cell.replaceChildren(mark);
}

/**
 * @param {import("../protocol/stage.js").RosterEntry[]} peers
 * @param {string} relay where they are
 */
function showRoster(peers, relay) {
  lastRoster = serverNow();
  const known = new Set();
  /** @type {{name: string, row: import("./roster.js").Row}[]} */
  const legs = [];
  let sends = false;
  for (const row of /** @type {NodeListOf<HTMLTableRowElement>} */ (
    table.querySelectorAll("tr[data-subject]")
  )) {
    const subjects = [row.dataset.subject ?? "", row.dataset.person ?? ""].filter(Boolean);
    for (const subject of subjects) known.add(subject);
    const isHost = row.dataset.part === "host";
    const peer = peerOf(peers, subjects);
    row.toggleAttribute("data-was-in", Boolean(peer) || "wasIn" in row.dataset);
    const audible = peer ? ears.listen(peer, lastRoster) : false;
    const said = rowOf(peer, isHost, audible, words, "wasIn" in row.dataset);
    if (isHost) sends = said.sees.look === "good";
    else legs.push({ name: row.cells[0].innerText.trim(), row: said });
    write(row, "state", said.state);
    write(row, "sees", said.sees);
    write(row, "hears", said.hears);
    write(row, "since", { look: "", word: "—" });
    const since = row.querySelector('[data-cell="since"]');
    if (since && said.since) since.textContent = clock(said.since);
    if (isHost) publisher?.compare(peers, row.dataset.person ?? "", relay);
    if (isHost && peer?.grant === "publish" && peer.subject.startsWith("person:")) {
      write(row, "state", { look: "good", word: words.fromBrowser });
    }
  }
  const { look, word } = summary(legs, words);
  sentence.className = `notice ${look}`;
  if (sentence.textContent !== word) sentence.textContent = word;
  sentence.hidden = !sends || legs.length === 0; // nobody sees what nobody sends
  const watching = new Set(
    peers.map((peer) => peer.subject).filter((subject) => !known.has(subject)),
  ).size;
  others.hidden = watching === 0;
  others.textContent = words.others.replace("{n}", String(watching));
}

/**
 * @param {boolean} up
 * @param {boolean} elsewhere another window of the same person took this one's place
 */
function showLink(up, elsewhere) {
  if (!up) publisher?.loseSight();
  status.classList.toggle("up", up);
  status.classList.toggle("stale", !up);
  sentence.hidden ||= !up;
  table.classList.toggle("stale", !up && lastRoster > 0);
  if (up) status.textContent = `● ${words.live}`;
  else if (elsewhere) status.textContent = words.elsewhere;
  else if (lastRoster) status.textContent = words.stale.replace("{time}", clock(lastRoster, true));
  else status.textContent = words.connectingStage;
}

/** @param {HTMLElement} start */
function offerPublishing(start) {
  const stop = /** @type {HTMLElement} */ (document.getElementById("publish-stop"));
  const video = /** @type {HTMLVideoElement} */ (document.getElementById("publish-preview"));
  const line = /** @type {HTMLElement} */ (document.getElementById("publish-status"));

  /** @param {MediaStream | null} stream */
  const show = (stream) => {
    video.srcObject = stream;
    video.hidden = !stream;
    stop.hidden = !stream;
    start.hidden = Boolean(stream);
  };

  const mine = new Publisher(
    () => stage,
    (condition) => {
      line.hidden = false;
      line.textContent = words[condition];
      const bad = condition.startsWith("camera") && condition !== "camera";
      line.className = `notice ${bad ? "bad" : condition === "publishing" ? "good" : "warn"}`;
      if (!mine.wanted && condition !== "camera") show(null);
    },
  );
  start.addEventListener("click", async () => {
    start.setAttribute("disabled", "");
    show(await mine.start());
    start.removeAttribute("disabled");
  });
  stop.addEventListener("click", () => {
    mine.stop();
    start.focus();
  });
  window.addEventListener("pagehide", () => mine.wanted && mine.stop());
  publisher = mine;
}

const start = document.getElementById("publish-start");
if (start) offerPublishing(start);

await follow(id, { onroster: showRoster, onlink: showLink, onstage: (news) => (stage = news) });
status.textContent = words.closed;
// The relay may hear of the end before the page's server has written it down.
setTimeout(() => location.replace(location.pathname), 2000);
