// @ts-check
/** The live lesson page: who is in, who sees and hears, and publishing from this computer. */

import { pageData, serverNow } from "../lib/page.js";
import { Publisher } from "./publisher.js";
import { Ears, peerOf, rowOf } from "./roster.js";
import { follow } from "./stagelink.js";

const { id, words } = pageData("lesson-data");
const status = /** @type {HTMLElement} */ (document.getElementById("stage-status"));
const table = /** @type {HTMLElement} */ (document.getElementById("rooms"));
const others = /** @type {HTMLElement} */ (document.getElementById("others"));
const ears = new Ears();
/** @type {import("./stagelink.js").Stage | null} */
let stage = null;
let lastRoster = 0;

/** @param {number} seconds Unix time @param {boolean} [precise] */
function clock(seconds, precise = false) {
  const options = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hour12: false });
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

/** @param {import("../protocol/stage.js").RosterEntry[]} peers */
function showRoster(peers) {
  lastRoster = serverNow();
  const known = new Set();
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (
    table.querySelectorAll("tr[data-subject]")
  )) {
    const subjects = [row.dataset.subject ?? "", row.dataset.person ?? ""].filter(Boolean);
    for (const subject of subjects) known.add(subject);
    const isHost = row.dataset.part === "host";
    const peer = peerOf(peers, subjects);
    const said = rowOf(peer, isHost, peer ? ears.listen(peer, lastRoster) : false, words);
    write(row, "state", said.state);
    write(row, "sees", said.sees);
    write(row, "hears", said.hears);
    write(row, "since", { look: "", word: "—" });
    const since = row.querySelector('[data-cell="since"]');
    if (since && said.since) since.textContent = clock(said.since);
    if (isHost && peer?.grant === "publish" && peer.subject.startsWith("person:")) {
      write(row, "state", { look: "good", word: words.fromBrowser });
    }
  }
  const watching = new Set(
    peers.map((peer) => peer.subject).filter((subject) => !known.has(subject)),
  ).size;
  others.hidden = watching === 0;
  others.textContent = words.others.replace("{n}", String(watching));
}

/** @param {boolean} up */
function showLink(up) {
  status.classList.toggle("stale", !up);
  table.classList.toggle("stale", !up && lastRoster > 0);
  if (up) status.textContent = `● ${words.live}`;
  else if (lastRoster) status.textContent = words.stale.replace("{time}", clock(lastRoster, true));
  else status.textContent = words.connectingStage;
}

const start = document.getElementById("publish-start");
if (start) {
  const stop = /** @type {HTMLElement} */ (document.getElementById("publish-stop"));
  const video = /** @type {HTMLVideoElement} */ (document.getElementById("publish-preview"));
  const line = /** @type {HTMLElement} */ (document.getElementById("publish-status"));
  const publisher = new Publisher(
    () => stage,
    (condition) => {
      line.hidden = false;
      line.textContent = words[condition];
      const bad = condition.startsWith("camera") && condition !== "camera";
      line.className = `notice ${bad ? "bad" : condition === "publishing" ? "good" : "warn"}`;
    },
  );
  start.addEventListener("click", async () => {
    start.setAttribute("disabled", "");
    const stream = await publisher.start();
    start.removeAttribute("disabled");
    if (!stream) return;
    video.srcObject = stream;
    video.hidden = false;
    stop.hidden = false;
    start.hidden = true;
  });
  stop.addEventListener("click", () => {
    publisher.stop();
    video.srcObject = null;
    video.hidden = true;
    stop.hidden = true;
    start.hidden = false;
    start.focus();
  });
  window.addEventListener("pagehide", () => publisher.wanted && publisher.stop());
}

await follow(id, { onroster: showRoster, onlink: showLink, onstage: (news) => (stage = news) });
status.textContent = words.closed;
// The relay may hear of the end before the page's server has written it down.
setTimeout(() => location.replace(location.pathname), 2000);
