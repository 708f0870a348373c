// @ts-check
/**
 * The only module that touches the page. Draws what the terminal is; decides nothing.
 */

import { classrooms, worthShowing } from "./classrooms.js";
import { Interruption } from "./interruption.js";
import { State } from "./machine.js";
import { countdown, upcoming } from "./schedule.js";

const STATUS_FOR = 6; // seconds for which the thin line stays after something happened
const MOST_LESSONS = 4; // lines below the next lesson
const MOST_ROOMS = 7;

/** Which section shows a state. */
const SECTION = Object.freeze({
  [State.STARTING]: "waiting",
  [State.UNSUPPORTED]: "fault",
  [State.PAIRING]: "pairing",
  [State.WAITING]: "waiting",
  [State.STANDBY]: "standby",
  [State.LOBBY]: "lobby",
  [State.JOINING]: "joining",
  [State.LIVE]: "live",
  [State.LOST]: "live",
  [State.FAULT]: "fault",
});

/**
 * @typedef {{terminal: import("./terminal.js").Terminal, muted: boolean, sourceUp: boolean,
 *   peers: import("../protocol/stage.js").RosterEntry[],
 *   devices: {camera: boolean, microphone: boolean} | null}} Scene
 */

export class Screens {
  /**
   * @param {Document} page
   * @param {import("./words.js").Words} words
   */
  constructor(page, words) {
    this.page = page;
    this.words = words;
    this.shown = "";
    this.statusUntil = 0;
    this.qrCode = "";
    this.interruption = new Interruption();
    this.lost = ""; // the sentence for it
  }

  /** @param {Scene} scene */
  draw(scene) {
    const { terminal } = scene;
    this.words.zone = terminal.day?.time_zone ?? this.words.zone;
    if (terminal.state !== this.shown) {
      this.shown = terminal.state;
      this.wake(terminal.now());
    }
    const hosting = terminal.lesson?.role === "HOST";
    this.lost = this.interruption.sentence(terminal.state === State.LOST, hosting, terminal.now());
    const section = this.#section(scene);
    this.page.body.dataset.screen = section;
    this.page.body.dataset.state = terminal.state;
    this.page.body.dataset.role = terminal.lesson?.role ?? "";
    for (const element of this.page.querySelectorAll("[data-section]")) {
      const shown = element.getAttribute("data-section") === section;
      /** @type {HTMLElement} */ (element).hidden = !shown;
    }
    this.#texts(scene, section);
  }

  /** Show the thin line for a while. @param {number} now */
  wake(now) {
    this.statusUntil = now + STATUS_FOR;
  }

  /** @param {Scene} scene */
  #section(scene) {
    const section = SECTION[scene.terminal.state];
    const hosting = scene.terminal.lesson?.role === "HOST";
    return section === "live" && hosting ? "teaching" : section;
  }

  /**
   * @param {Scene} scene
   * @param {string} section
   */
  #texts(scene, section) {
    const draw = {
      waiting: () => this.#waiting(scene),
      pairing: () => this.#pairing(scene),
      standby: () => this.#standby(scene),
      lobby: () => this.#lobby(scene),
      joining: () => this.#joining(scene),
      live: () => this.#live(scene),
      teaching: () => this.#teaching(scene),
      fault: () => this.#fault(scene),
    };
    draw[/** @type {keyof typeof draw} */ (section)]();
  }

  /** @param {Scene} scene */
  #waiting({ terminal }) {
    this.#put("waiting-text", this.words.say(terminal.away ? "away" : "reading"));
  }

  /** @param {Scene} scene */
  #pairing({ terminal }) {
    const code = terminal.pairing?.code ?? "";
    this.#put("code", code === "" ? "······" : code);
    this.#put("pairing-trouble", terminal.away ? this.words.say("pairing_away") : "");
    if (code !== this.qrCode) {
      this.qrCode = code;
      const image = /** @type {HTMLImageElement} */ (this.#part("qr"));
      image.hidden = code === "";
      image.src = code === "" ? "" : `/terminal/qr.svg?code=${encodeURIComponent(code)}`;
    }
  }

  /** @param {Scene} scene */
  #standby({ terminal, devices }) {
    const { words } = this;
    const now = terminal.now();
    const coming = upcoming(terminal.day?.lessons ?? [], now, terminal.closed);
    this.#place(terminal);
    this.#put("clock", words.time(now));
    this.#put("date", words.day(now));
    this.#part("next").hidden = coming.length === 0;
    this.#part("nothing").hidden = coming.length > 0;
    if (coming.length > 0) {
      const lesson = coming[0];
      this.#put("next-time", words.time(lesson.starts_at));
      this.#put("next-title", words.lesson(lesson));
      this.#put("next-who", this.#who(lesson));
      this.#put("next-in", this.#entersIn(lesson, now));
    }
    this.#rows("later", coming.slice(1, 1 + MOST_LESSONS).map((lesson) => [
      words.time(lesson.starts_at),
      words.lesson(lesson),
      this.#who(lesson),
    ]));
    this.#readiness(terminal, devices);
  }

  /** @param {Scene} scene */
  #lobby({ terminal }) {
    const lesson = terminal.lesson;
    if (lesson === null) {
      return;
    }
    this.#place(terminal);
    this.#put("lobby-title", this.words.lesson(lesson));
    this.#put("lobby-who", this.#who(lesson));
    this.#put("lobby-count", countdown(lesson.starts_at - terminal.now()));
    this.#put("lobby-next", this.words.say(lesson.role === "HOST" ? "lobby_host" : "lobby_leg"));
  }

  /** @param {Scene} scene */
  #joining({ terminal, sourceUp }) {
    const lesson = terminal.lesson;
    if (lesson === null) {
      return;
    }
    const hosting = lesson.role === "HOST";
    this.#put("joining-title", this.words.lesson(lesson));
    this.#put("joining-who", this.#who(lesson));
    const name = hosting ? "joining_host" : sourceUp ? "joining" : "joining_empty";
    this.#put("joining-text", this.words.say(name, { teacher: lesson.teacher }));
  }

  /** @param {Scene} scene */
  #live({ terminal, muted }) {
    const lesson = terminal.lesson;
    if (lesson === null) {
      return;
    }
    const now = terminal.now();
    if (this.lost || muted) {
      this.wake(now);
    }
    const line = this.#part("status");
    line.dataset.trouble = this.lost ? "lost" : muted ? "muted" : "";
    line.classList.toggle("gone", now > this.statusUntil);
    this.#put("status-text", this.#statusText(lesson, muted));
    this.#put("status-time", this.words.time(now));
  }

  /**
   * @param {import("./schedule.js").Lesson} lesson
   * @param {boolean} muted
   */
  #statusText(lesson, muted) {
    if (this.lost) {
      return this.words.say(this.lost);
    }
    return muted ? this.words.say("tap_for_sound") : `${this.words.lesson(lesson)} · ${this.#who(lesson)}`;
  }

  /** @param {Scene} scene */
  #teaching({ terminal, peers }) {
    const { words } = this;
    const lesson = terminal.lesson;
    if (lesson === null) {
      return;
    }
    const rooms = classrooms(lesson.legs, peers);
    const present = rooms.filter((room) => room.state !== "out").length;
    const lost = this.lost !== "";
    this.#put("teaching-title", words.lesson(lesson));
    this.#put("teaching-text", words.say(this.lost || "teaching"));
    this.#part("teaching-text").dataset.trouble = lost ? "lost" : "";
    this.#part("rooms").hidden = lost; // who is in is not known now
    this.#part("teaching-count").hidden = lost;
    this.#put("teaching-count", words.say("rooms_in", { present, all: rooms.length }));
    this.#put("teaching-left", words.say("until", { time: words.time(lesson.ends_at) }));
    const shown = worthShowing(rooms, MOST_ROOMS);
    this.#rows("rooms", shown.map((room) => [room.name, words.say(`room_${room.state}`)]), shown);
  }

  /** @param {Scene} scene */
  #fault({ terminal }) {
    const texts = this.words.texts.faults[terminal.fault] ?? this.words.texts.faults.unknown;
    this.#put("fault-what", texts.what);
    this.#put("fault-next", texts.next);
    this.#put("fault-code", terminal.fault || "—");
    const place = terminal.day === null ? "" : `${terminal.day.room.school} ${terminal.day.room.name}`;
    this.#put("fault-place", place);
  }

  /** @param {import("./terminal.js").Terminal} terminal */
  #place(terminal) {
    const room = terminal.day?.room;
    for (const element of this.page.querySelectorAll("[data-place]")) {
      element.textContent = room ? `${room.school} ${room.name}` : "";
    }
  }

  /**
   * @param {import("./terminal.js").Terminal} terminal
   * @param {Scene["devices"]} devices
   */
  #readiness(terminal, devices) {
    const { words } = this;
    const network = !terminal.away;
    const found = [];
    if (devices?.camera) {
      found.push(words.say("camera"));
    }
    if (devices?.microphone) {
      found.push(words.say("microphone"));
    }
    const line = this.#part("ready");
    line.dataset.trouble = network ? "" : "away";
    this.#put("ready-word", words.say(network ? "ready" : "offline"));
    this.#put("ready-parts", network ? [...found, words.say("network")].join(" ") : words.say("offline_keeps"));
  }

  /**
   * @param {import("./schedule.js").Lesson} lesson
   * @param {number} now
   */
  #entersIn(lesson, now) {
    const minutes = Math.ceil((lesson.starts_at - now) / 60);
    const verb = lesson.role === "HOST" ? "starts" : "enters";
    if (minutes <= 90) {
      return this.words.say(`${verb}_minutes`, { minutes: Math.max(1, minutes) });
    }
    return this.words.say(`${verb}_hours`, { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  }

  /** @param {import("./schedule.js").Lesson} lesson */
  #who(lesson) {
    return [lesson.teacher, lesson.host_school].filter(Boolean).join(" · ");
  }

  /**
   * @param {string} name
   * @param {string[][]} rows texts of the cells
   * @param {{state: string}[]} [states] one for each row
   */
  #rows(name, rows, states = []) {
    const list = this.#part(name);
    const key = JSON.stringify([rows, states]);
    if (list.dataset.key === key) {
      return;
    }
    list.dataset.key = key;
    list.replaceChildren(...rows.map((cells, place) => {
      const row = this.page.createElement("li");
      row.dataset.state = states[place]?.state ?? "";
      for (const text of cells) {
        const cell = this.page.createElement("span");
        cell.textContent = text;
        row.append(cell);
      }
      return row;
    }));
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #put(name, text) {
    const element = this.#part(name);
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }

  /**
   * @param {string} name
   * @returns {HTMLElement}
   */
  #part(name) {
    const element = this.page.getElementById(name);
    if (element === null) {
      throw new Error(`the page has no ${name}`);
    }
    return element;
  }
}
