// @ts-check
/**
 * Taking part in one lesson, as its host or as a leg, until it is over. Knows two video elements.
 *
 * Whatever happens is reported by `onevent(event, code)`, in events of the state table.
 */

import { discover } from "../protocol/discovery.js";
import { capture, CameraFault, Fault, release } from "./camera.js";
import { TerminalEvent } from "./machine.js";
import { Attendance } from "./attendance.js";
import { FrameCounter } from "./meter.js";
import { Publishing } from "./publisher.js";
import { Viewing } from "./viewer.js";

const RETRY_CAMERA = 10; // seconds between two tries to get a camera

/**
 * @typedef {import("./schedule.js").Lesson} Lesson
 * @typedef {import("./attendance.js").Relay} Relay
 * @typedef {import("../protocol/stage.js").Report} Report
 * @typedef {{now: () => number, random: () => number, sleep: (seconds: number) => Promise<void>,
 *   relays: () => Relay[], lesson: () => Lesson, sound: import("./meter.js").SoundMeter,
 *   onevent: (event: string, code?: string) => void, play: (stream: MediaStream) => void,
 *   hold: () => void, preview: (stream: MediaStream | null) => void, video: HTMLVideoElement,
 *   onreport: (report: Report) => void, onsource: (up: boolean) => void,
 *   onroster: (peers: import("../protocol/stage.js").RosterEntry[]) => void,
 *   onrefused: () => void}} Parts `lesson` and `relays` answer with the newest day's, so that a
 *   connection that is made again carries the newest ticket
 */

export class LessonRun {
  /**
   * @param {string} key which lesson this is
   * @param {Parts} parts
   */
  constructor(key, parts) {
    this.key = key;
    this.parts = parts;
    this.counter = new FrameCounter();
    this.stopped = false;
    /** @type {Attendance | null} */
    this.attendance = null;
    /** @type {MediaStream | null} */
    this.stream = null;
  }

  /** Run until `stop` or until the stage is closed. */
  async run() {
    if (this.parts.lesson().role === "HOST") {
      await this.#teach();
    } else {
      await this.#attend((relay, elsewhere) => this.#view(relay, elsewhere));
    }
  }

  stop() {
    this.stopped = true;
    this.attendance?.stop();
    release(this.stream);
    this.stream = null;
    this.parts.preview(null);
  }

  /** The host's loop: a camera first, then the stage; a camera pulled out begins again. */
  async #teach() {
    while (!this.stopped) {
      try {
        this.stream = await capture();
      } catch (error) {
        this.parts.onevent(TerminalEvent.FAILED, faultCode(error));
        await this.parts.sleep(RETRY_CAMERA);
        continue;
      }
      if (this.stopped) {
        release(this.stream);
        return;
      }
      this.parts.onevent(TerminalEvent.MENDED);
      this.parts.preview(this.stream);
      await this.#publish(this.stream);
    }
  }

  /** @param {MediaStream} stream */
  async #publish(stream) {
    let unplugged = false;
    for (const track of stream.getTracks()) {
      track.onended = () => {
        unplugged = true;
        this.attendance?.stop();
      };
    }
    await this.#attend((relay) => this.#send(relay, stream));
    release(stream);
    this.parts.preview(null);
    if (unplugged && !this.stopped) {
      this.parts.onevent(TerminalEvent.FAILED, Fault.UNPLUGGED);
      await this.parts.sleep(1);
    } else {
      this.stopped = true; // the attendance ended by itself: the lesson is over
    }
  }

  /** @param {import("./attendance.js").Join} join */
  async #attend(join) {
    const { parts } = this;
    this.attendance = new Attendance({
      relays: parts.relays,
      join,
      ask: (relays) => this.#ask(relays),
      now: parts.now,
      sleep: parts.sleep,
      random: parts.random,
      onlost: () => parts.onevent(TerminalEvent.PICTURE_LOST),
      onclosed: () => parts.onevent(TerminalEvent.CLOSED),
      onrefused: () => {
        parts.onevent(TerminalEvent.PICTURE_LOST);
        parts.onrefused();
      },
      ontakenover: () => parts.onevent(TerminalEvent.FAILED, Fault.TAKEN_OVER),
    });
    await this.attendance.run();
  }

  /**
   * @param {Relay[]} relays
   * @returns {Promise<Map<string, string>>} what each says of this lesson's sources
   */
  #ask(relays) {
    const { id, tickets } = this.parts.lesson();
    const ticket = tickets.view ?? tickets.publish ?? "";
    return discover({ urls: relays.map((relay) => relay.url), stage: id, ticket });
  }

  /**
   * @param {Relay} relay
   * @param {() => Promise<boolean>} elsewhere
   */
  async #view(relay, elsewhere) {
    const { parts, counter } = this;
    const viewing = new Viewing({
      video: parts.video,
      counter,
      sound: parts.sound,
      now: parts.now,
      elsewhere,
      play: parts.play,
      hold: parts.hold,
      onpicture: () => parts.onevent(TerminalEvent.PICTURE),
      onsource: parts.onsource,
      onreport: parts.onreport,
    });
    const lesson = parts.lesson();
    await viewing.open(relay.url, lesson.id, this.#ticket(lesson.tickets.view));
    return viewing;
  }

  /**
   * @param {Relay} relay
   * @param {MediaStream} stream
   */
  async #send(relay, stream) {
    const { parts, counter } = this;
    const publishing = new Publishing({
      stream,
      sound: parts.sound,
      counter,
      now: parts.now,
      onpicture: () => parts.onevent(TerminalEvent.PICTURE),
      onroster: parts.onroster,
      onreport: parts.onreport,
    });
    const lesson = parts.lesson();
    await publishing.open(relay.url, lesson.id, this.#ticket(lesson.tickets.publish));
    return publishing;
  }

  /**
   * @param {string | null} ticket
   * @returns {string}
   */
  #ticket(ticket) {
    if (ticket === null) {
      throw Object.assign(new Error("the day holds no ticket for this lesson"), { status: 401 });
    }
    return ticket;
  }
}

/**
 * @param {unknown} error
 * @returns {string} one of Fault
 */
function faultCode(error) {
  return error instanceof CameraFault ? error.code : Fault.BUSY;
}
