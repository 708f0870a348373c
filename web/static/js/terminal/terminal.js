// @ts-check
/**
 * The terminal itself: follows the timetable, drives the state table, keeps one lesson running.
 *
 * It shows nothing: after every change it hands `view()` to the page. Times are Unix seconds of the
 * server's clock.
 */

import { Fault } from "./camera.js";
import { Revoked, Unreachable } from "./coordinator.js";
import { LessonRun } from "./lesson_run.js";
import { TerminalEvent, IN_LESSON, next, REPORTED, State } from "./machine.js";
import { PairingLoop } from "./pairing.js";
import { isNews, keyOf, situation } from "./schedule.js";

const TICK = 500; // milliseconds
const AWAY_AFTER = 90; // seconds without an answer until the page says so
const AWAY_AT_START = 8; // the same for a page that was just opened
const DRIFT = 0.5; // seconds by which a kept difference of clocks may be wrong
const KEEP_CLOSED = 50; // lessons; more than a room has in a week

/**
 * @typedef {import("./coordinator.js").Day} Day
 * @typedef {import("./schedule.js").Lesson} Lesson
 * @typedef {{store: import("./store.js").Store, clock: import("./clock.js").ServerClock,
 *   coordinator: import("./coordinator.js").CoordinatorApi, live: import("./live.js").LiveSocket | null,
 *   parts: Omit<import("./lesson_run.js").Parts, "onevent" | "lesson" | "relays" | "onrefused">,
 *   devices: () => {camera: boolean, microphone: boolean} | null, able: () => string | null,
 *   onchange: () => void}} World
 */

export class Terminal {
  /** @param {World} world */
  constructor(world) {
    this.world = world;
    /** @type {string} */
    this.state = State.STARTING;
    this.fault = "";
    /** @type {Day | null} */
    this.day = null;
    /** @type {import("./coordinator.js").Pairing | null} */
    this.pairing = null;
    /** @type {Lesson | null} */
    this.lesson = null;
    /** @type {LessonRun | null} */
    this.run = null;
    this.answeredAt = world.clock.now() - AWAY_AFTER + AWAY_AT_START;
    this.nextRead = 0;
    this.reading = false;
    this.away = false;
    /** @type {Set<string>} */
    this.closed = new Set(world.store.get("closed") ?? []);
  }

  /** Begin; called once. */
  start() {
    const code = this.world.able();
    if (code !== null) {
      this.fault = code;
      this.#go(TerminalEvent.UNABLE);
      return;
    }
    const token = this.token();
    this.#go(token === null ? TerminalEvent.NO_TOKEN : TerminalEvent.TOKEN);
    if (token === null) {
      this.#pair();
    } else {
      this.#take(this.world.store.get("day"));
      this.world.live?.connect();
    }
    setInterval(() => this.tick(), TICK);
  }

  /** @returns {string | null} */
  token() {
    return this.world.store.get("token");
  }

  /** @returns {number} */
  now() {
    return this.world.clock.now();
  }

  /** Compare the clock with the timetable. */
  tick() {
    const now = this.now();
    if (this.token() !== null && now >= this.nextRead) {
      this.readDay();
    }
    this.away = this.token() !== null && now - this.answeredAt > AWAY_AFTER;
    this.#follow(now);
    this.world.live?.report(REPORTED[this.state], this.#detail());
    this.world.onchange();
  }

  /** Read the day from the coordinator, unless that is under way. */
  async readDay() {
    const token = this.token();
    if (this.reading || token === null) {
      return;
    }
    this.reading = true;
    this.nextRead = this.now() + 10; // the next try, should this one fail
    try {
      const day = await this.world.coordinator.readDay(token);
      this.#keep(day);
      this.answeredAt = this.now();
      this.nextRead = this.answeredAt + day.refresh_after;
      this.#take(day);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.reading = false;
    }
  }

  /**
   * Store what the next start needs.
   * @param {Day} day
   */
  #keep(day) {
    const { store, clock } = this.world;
    if (isNews(store.get("day"), day)) {
      store.set("day", day);
    }
    if (Math.abs(clock.offset() - (store.get("offset") ?? Infinity)) > DRIFT) {
      store.set("offset", clock.offset());
    }
  }

  /** This device was revoked: forget everything and pair again. */
  revoked() {
    if (this.token() === null) {
      return;
    }
    for (const name of ["token", "day", "closed"]) {
      this.world.store.remove(name);
    }
    this.day = null;
    this.lesson = null;
    this.closed = new Set();
    this.world.live?.close();
    this.#go(TerminalEvent.REVOKED);
    this.#pair();
  }

  /** @param {unknown} error */
  #failed(error) {
    if (error instanceof Revoked) {
      this.revoked();
    } else if (!(error instanceof Unreachable)) {
      throw error;
    }
  }

  async #pair() {
    const pairing = new PairingLoop({
      coordinator: this.world.coordinator,
      store: this.world.store,
      now: () => this.now(),
      sleep: this.world.parts.sleep,
      oncode: (latest) => {
        this.pairing = latest;
        this.world.onchange();
      },
      ontrouble: (away) => {
        this.away = away;
        this.world.onchange();
      },
    });
    const token = await pairing.run();
    this.world.store.set("token", token);
    this.pairing = null;
    this.answeredAt = this.now();
    this.nextRead = 0;
    this.#go(TerminalEvent.PAIRED);
    this.world.live?.connect();
    await this.readDay();
  }

  /** @param {Day | null} day */
  #take(day) {
    if (day === null) {
      return;
    }
    this.day = day;
    if (this.state === State.WAITING) {
      this.#go(TerminalEvent.DAY);
    }
    this.#follow(this.now());
    this.world.onchange();
  }

  /** @param {number} now */
  #follow(now) {
    if (this.day === null || this.state === State.WAITING || this.state === State.PAIRING) {
      return;
    }
    const { phase, lesson } = situation(this.day.lessons, now, this.closed);
    const before = this.lesson === null ? "" : keyOf(this.lesson);
    this.lesson = lesson;
    if (phase === "LESSON" && lesson !== null) {
      if (!IN_LESSON.includes(this.state) || keyOf(lesson) !== before) {
        this.#go(TerminalEvent.LESSON_STARTS);
        this.#join(lesson);
      }
    } else {
      this.#leave();
      this.#go(phase === "LOBBY" ? TerminalEvent.LOBBY_OPENS : TerminalEvent.IDLE);
    }
  }

  /** @param {Lesson} lesson */
  #join(lesson) {
    this.#leave();
    const key = keyOf(lesson);
    const newest = () => this.day?.lessons.find((other) => keyOf(other) === key) ?? lesson;
    const run = new LessonRun(key, {
      ...this.world.parts,
      relays: () => (newest().relays ?? this.day?.relays ?? []).map(absolute),
      lesson: newest,
      onrefused: () => this.readDay(),
      onevent: (event, code) => {
        if (this.run === run) {
          this.#takeEvent(key, event, code ?? "");
        }
      },
    });
    this.run = run;
    run.run();
  }

  #leave() {
    this.run?.stop();
    this.run = null;
  }

  /**
   * @param {string} key
   * @param {string} event
   * @param {string} code
   */
  #takeEvent(key, event, code) {
    if (event === TerminalEvent.CLOSED) {
      this.closed.add(key);
      this.world.store.set("closed", [...this.closed].slice(-KEEP_CLOSED));
      this.#leave();
      this.#go(TerminalEvent.CLOSED);
      this.readDay();
      return;
    }
    if (event === TerminalEvent.FAILED) {
      this.fault = code;
    }
    this.#go(event);
  }

  /** @param {string} event */
  #go(event) {
    const state = next(this.state, event);
    if (state === null || (state === this.state && event !== TerminalEvent.LESSON_STARTS)) {
      return;
    }
    this.state = state;
    if (!IN_LESSON.includes(state)) {
      this.#leave();
    }
    this.world.live?.report(REPORTED[state], this.#detail());
    this.world.onchange();
  }

  /** @returns {Record<string, string | number | boolean | null>} for the administrator's list */
  #detail() {
    const devices = this.world.devices();
    return {
      lesson_id: this.lesson?.id ?? null,
      fault: this.state === State.FAULT || this.state === State.UNSUPPORTED ? this.fault : "",
      camera: devices === null ? null : devices.camera,
      microphone: devices === null ? null : devices.microphone,
      picture: this.state === State.LIVE,
      keeps: this.world.store.durable,
    };
  }
}

/**
 * A relay's address may be a path on this site; a WebSocket of Chromium 109 wants a whole one.
 * @param {import("./attendance.js").Relay} relay
 */
function absolute(relay) {
  return { ...relay, url: new URL(relay.url, location.href).href.replace(/\/$/, "") };
}

/**
 * Pure: what this browser lacks.
 * @param {any} scope window
 * @returns {string | null} a fault code, null when it can take part
 */
export function lacking(scope) {
  const webrtc = typeof scope.RTCPeerConnection === "function";
  const video = typeof scope.MediaStream === "function" && typeof scope.WebSocket === "function";
  return webrtc && video ? null : Fault.NO_WEBRTC;
}
