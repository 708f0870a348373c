// @ts-check
/**
 * The entry of /terminal: puts the parts together.
 */

import { devices as lookForDevices } from "./camera.js";
import { ServerClock } from "./clock.js";
import { CoordinatorApi } from "./coordinator.js";
import { OfflinePage } from "./offline_page.js";
import { LiveSocket } from "./live.js";
import { SoundMeter } from "./meter.js";
import { reloadIsDue } from "./renewal.js";
import { upcoming } from "./schedule.js";
import { Screens } from "./screens.js";
import { browserStorage, Store } from "./store.js";
import { lacking, Terminal } from "./terminal.js";
import { Player } from "./player.js";
import { Words } from "./words.js";

const DEVICES_EVERY = 60_000; // milliseconds
const RENEWAL_EVERY = 30_000;

const texts = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("texts")).textContent ?? "");
const words = new Words(texts, document.documentElement.lang);
const screens = new Screens(document, words);
const store = new Store(browserStorage());
const clock = new ServerClock(
  () => Date.now() / 1000,
  () => performance.now() / 1000,
  store.get("offset") ?? 0,
);
const context = typeof AudioContext === "function" ? new AudioContext() : null;
const sound = new SoundMeter(context);
const video = /** @type {HTMLVideoElement} */ (document.getElementById("picture"));
const preview = /** @type {HTMLVideoElement} */ (document.getElementById("preview"));
const still = /** @type {HTMLCanvasElement} */ (document.getElementById("still"));
const player = new Player(video, still, context, () => draw());

/** @type {import("./screens.js").Scene["devices"]} */
let devices = null;
let sourceUp = false;
/** @type {import("../protocol/stage.js").RosterEntry[]} */
let peers = [];
let report = { frames: 0, audio_level: 0 };

const live = new LiveSocket({
  url: `${location.origin.replace(/^http/, "ws")}/api/v1/terminal/live`,
  token: () => terminal.token(),
  random: Math.random,
  onday: () => terminal.readDay(),
  onrevoked: () => terminal.revoked(),
  onwelcome: () => terminal.readDay(), // what changed while the WebSocket was down
});

const terminal = new Terminal({
  store,
  clock,
  coordinator: new CoordinatorApi((serverTime, trip) => clock.follow(serverTime, trip)),
  live,
  devices: () => devices,
  able: () => lacking(window),
  onchange: () => draw(),
  parts: {
    now: () => performance.now() / 1000,
    random: Math.random,
    sleep: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
    sound,
    video,
    play: (stream) => player.play(stream),
    hold: () => player.hold(),
    preview: (stream) => {
      preview.srcObject = stream;
      preview.hidden = stream === null;
    },
    onreport: (latest) => {
      report = latest;
    },
    onsource: (up) => {
      sourceUp = up;
    },
    onroster: (latest) => {
      peers = latest;
    },
  },
});

function draw() {
  if (terminal.run === null) {
    peers = [];
    sourceUp = false;
    player.rest();
  }
  screens.draw({ terminal, muted: player.muted, sourceUp, peers, devices });
}

async function findDevices() {
  devices = await lookForDevices();
  draw();
}

let broken = false;
const offlinePage = new OfflinePage(navigator.serviceWorker, () => performance.now() / 1000);

async function renewMaybe() {
  await offlinePage.checkForUpdate();
  const [next] = upcoming(terminal.day?.lessons ?? [], terminal.now(), terminal.closed);
  const nextLessonIn = next ? next.starts_at - terminal.now() : Infinity;
  const age = performance.now() / 1000;
  const newer = offlinePage.updateWaits;
  if (reloadIsDue({ state: terminal.state, age, broken, newer, nextLessonIn })) {
    const answer = await fetch(location.href).catch(() => null);
    if (answer?.ok) {
      await offlinePage.activateUpdate();
      location.reload(); // never while the server is away: the screen would show an error page
    }
  }
}

// Read-only, for the technician on the phone and for tests.
Object.defineProperty(window, "tongke", {
  get: () => Object.freeze({
    state: terminal.state,
    lessonId: terminal.lesson?.id ?? null,
    frames: report.frames,
    audioLevel: report.audio_level,
    muted: player.muted,
    fault: terminal.fault,
    offset: clock.offset(),
    keepsPage: offlinePage.available,
    newer: offlinePage.updateWaits,
  }),
});

for (const gesture of ["pointerdown", "keydown"]) {
  document.addEventListener(gesture, () => player.gesture());
}
document.addEventListener("pointermove", () => {
  screens.wake(terminal.now());
  document.body.classList.add("pointed");
});
navigator.mediaDevices?.addEventListener?.("devicechange", findDevices);
setInterval(findDevices, DEVICES_EVERY);
setInterval(() => document.body.classList.remove("pointed"), 5000);

for (const kind of ["error", "unhandledrejection"]) {
  window.addEventListener(kind, () => {
    broken = true;
  });
}
setInterval(renewMaybe, RENEWAL_EVERY);

findDevices();
terminal.start();
offlinePage.start();
