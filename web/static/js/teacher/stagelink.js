// @ts-check
/** Keeps a page on the stage of its lesson, at the relay where it is, again after each loss. */

import { absolute, api } from "../lib/page.js";
import { discover } from "../protocol/discovery.js";
import { MissingMediaWatch, Route, NodeAnswer } from "../protocol/route.js";
import { Close, openStage } from "../protocol/stage.js";

const WELCOME_TIMEOUT = 4; // seconds until a relay has to welcome us
const FIRST_PAUSE = 0.5;
const LONGEST_PAUSE = 3; // somebody watches the page
const POLL_INTERVAL = 1000; // milliseconds between two questions where the lesson is

/** Only one window of a person is on a stage: this one waits until it gets the focus. */
const focused = () => new Promise((resolve) => addEventListener("focus", resolve, { once: true }));

/** @param {number} seconds */
const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const now = () => performance.now() / 1000;

/**
 * @typedef {{stage: string, view: string | null, publish: string | null,
 *   relays: {node: string, url: string}[], closes_at: number}} Stage
 * @typedef {import("../protocol/stage.js").RosterEntry} RosterEntry
 */

/**
 * Ask relays where a lesson is.
 * @param {Stage} stage
 * @param {string[]} urls
 */
const ask = (stage, urls) =>
  discover({ urls, stage: stage.stage, ticket: stage.view ?? stage.publish ?? "" });

/**
 * @param {Stage} stage
 * @param {string} url
 * @returns {Promise<boolean>} whether this relay has a source of the lesson
 */
export async function hasSource(stage, url) {
  return (await ask(stage, [url])).get(url) === NodeAnswer.SOURCE;
}

/**
 * @param {Stage} stage
 * @param {Route} route
 * @returns {Promise<string | null>} the address of the relay to go to now, null to wait a moment
 * @throws {{code: number}} when a relay says that the lesson is over
 */
export async function nextRelay(stage, route) {
  const urls = stage.relays.map((relay) => absolute(relay.url));
  if (urls.length < 2) {
    return urls[0] ?? null;
  }
  const seen = await ask(stage, urls);
  if ([...seen.values()].includes(NodeAnswer.CLOSED)) {
    throw Object.assign(new Error("the lesson is over"), { code: Close.STAGE_CLOSED });
  }
  return route.choose(seen, now());
}

/**
 * Follow the stage until it is closed.
 * @param {string} lesson
 * @param {{onroster: (peers: RosterEntry[], relay: string) => void,
 *   onlink: (up: boolean, elsewhere: boolean) => void, onstage: (stage: Stage) => void}} handlers
 */
export async function follow(lesson, { onroster, onlink, onstage }) {
  const route = new Route();
  let pause = FIRST_PAUSE;
  for (;;) {
    const stage = /** @type {Stage | null} */ (
      await api("GET", `/api/v1/lessons/${lesson}/live`).catch(() => null)
    );
    if (stage && !stage.view) return;
    if (stage) {
      onstage(stage);
      const code = await attend(stage, route, onroster, () => {
        pause = FIRST_PAUSE;
        onlink(true, false);
      });
      onlink(false, code === Close.TAKEN_OVER);
      if (code === Close.STAGE_CLOSED) return;
      if (code === Close.TAKEN_OVER) await focused();
    }
    await sleep(pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

/**
 * @param {Stage} stage
 * @param {Route} route
 * @param {(peers: RosterEntry[], relay: string) => void} onroster
 * @param {() => void} onwelcome
 * @returns {Promise<number>} the code with which the link ended, 0 when there was none
 */
async function attend(stage, route, onroster, onwelcome) {
  let relay = "";
  try {
    relay = (await nextRelay(stage, route)) ?? "";
    if (relay === "") return 0;
    const code = await stay(stage, relay, route, onroster, onwelcome);
    route.lost(now());
    return code;
  } catch (error) {
    const { code = 0 } = /** @type {any} */ (error);
    if (relay !== "" && code !== Close.REFUSED) route.failed(relay, now());
    return code === Close.STAGE_CLOSED ? code : 0;
  }
}

/**
 * Stay until the link ends or another relay has the lesson.
 * @param {Stage} stage
 * @param {string} base
 * @param {Route} route
 * @param {(peers: RosterEntry[], relay: string) => void} onroster
 * @param {() => void} onwelcome
 * @returns {Promise<number>} the code of the WebSocket's close, 0 when the lesson is elsewhere
 * @throws {import("../protocol/stage.js").StageError} when it never came about
 */
async function stay(stage, base, route, onroster, onwelcome) {
  const missing = new MissingMediaWatch(now());
  /** @type {(code: number) => void} */
  let end = () => undefined;
  /** @type {Promise<number>} */
  const ended = new Promise((resolve) => (end = resolve));
  const link = await openStage({
    base,
    stage: stage.stage,
    ticket: stage.view ?? "",
    timeout: WELCOME_TIMEOUT,
    onroster: (peers) => {
      if (peers.some(isSource)) missing.mediaCame(now());
      onroster(peers, base);
    },
    onend: (code) => end(code),
  });
  route.connected(base);
  onwelcome();
  const timer = setInterval(async () => {
    if (missing.discoveryIsDue(now()) && (await isElsewhere(stage, base, route))) end(0);
  }, POLL_INTERVAL);
  const code = await ended;
  clearInterval(timer);
  link.close();
  return code;
}

/** @param {RosterEntry} peer */
const isSource = (peer) =>
  peer.grant === "publish" && peer.slot === "main" && peer.state === "CONNECTED";

/**
 * @param {Stage} stage
 * @param {string} here
 * @param {Route} route
 * @returns {Promise<boolean>} whether another relay has the lesson
 */
async function isElsewhere(stage, here, route) {
  const others = stage.relays
    .map((relay) => absolute(relay.url))
    .filter((url) => url !== here && route.isFit(url, now()));
  const seen = others.length > 0 ? await ask(stage, others) : new Map();
  return [...seen.values()].includes(NodeAnswer.SOURCE);
}
