// @ts-check
/**
 * 主讲端: one publishing connection of a lesson, watched once a second. Knows no page.
 */

import { openStage } from "../protocol/stage.js";
import { publish } from "../protocol/whip.js";
import { endingOfClose } from "./attendance.js";
import { figuresOf, NO_FIGURES } from "./meter.js";
import { Watchdog } from "./watchdog.js";

const TIMEOUT = 5; // seconds for each of the two halves of a connection

/**
 * @typedef {import("./attendance.js").Ending} Ending
 * @typedef {{stream: MediaStream, sound: import("./meter.js").SoundMeter, now: () => number,
 *   counter: import("./meter.js").FrameCounter, onpicture: () => void,
 *   onroster: (peers: import("../protocol/stage.js").RosterEntry[]) => void,
 *   onreport: (report: import("../protocol/stage.js").Report) => void}} PublisherParts
 */

export class Publishing {
  /** @param {PublisherParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.watchdog = new Watchdog(parts.now());
    this.hadPicture = false;
    this.wasConnected = false;
    /** @type {import("../protocol/whip.js").WhipSession | null} */
    this.session = null;
    /** @type {import("../protocol/stage.js").StageLink | null} */
    this.stage = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    /** @type {(ending: Ending) => void} */
    this.end = () => undefined;
    /** @type {Promise<Ending>} */
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  /** @returns {boolean} */
  connected() {
    return this.wasConnected;
  }

  /** @returns {boolean} */
  pictured() {
    return this.hadPicture;
  }

  /**
   * @param {string} base the relay's address
   * @param {string} lessonId
   * @param {string} ticket
   */
  async open(base, lessonId, ticket) {
    const common = { base, stage: lessonId, ticket, timeout: TIMEOUT };
    const { stream, onroster } = this.parts;
    const halves = await Promise.allSettled([
      openStage({ ...common, onroster, onend: (code) => this.end(endingOfClose(code)) }),
      publish({ ...common, stream, onstate: (state) => this.#pathState(state) }),
    ]);
    const [stage, session] = halves;
    this.stage = stage.status === "fulfilled" ? stage.value : null;
    this.session = session.status === "fulfilled" ? session.value : null;
    const failed = halves.find((half) => half.status === "rejected");
    if (failed || !this.session) {
      this.leave();
      throw /** @type {PromiseRejectedResult} */ (failed).reason;
    }
    this.parts.sound.attach(stream);
    this.timer = setInterval(() => this.#check(), 1000);
  }

  leave() {
    clearInterval(this.timer);
    this.parts.sound.detach();
    this.stage?.close();
    this.session?.close();
    this.stage = null;
    this.session = null;
    this.end("stopped");
  }

  /** @param {RTCPeerConnectionState} state */
  #pathState(state) {
    this.watchdog.path(this.parts.now(), state);
    this.wasConnected ||= state === "connected";
    if (state === "failed" || state === "closed") {
      this.end("dead");
    }
  }

  async #check() {
    const { session, stage, parts } = this;
    if (!session || !stage) {
      return;
    }
    const figures = await session.peer.getStats().then(
      (stats) => figuresOf(stats.values(), "outbound-rtp"),
      () => NO_FIGURES, // the connection was closed while it was asked
    );
    if (this.session !== session) {
      return;
    }
    const moving = figures.framesDecoded > this.watchdog.frames;
    this.watchdog.observe(parts.now(), figures.framesDecoded, true);
    if (moving && session.peer.connectionState === "connected") {
      this.hadPicture = true;
      parts.onpicture();
    }
    const report = this.#report(figures, moving);
    stage.report(report);
    parts.onreport(report);
    if (this.watchdog.isDead(parts.now())) {
      this.end("dead");
    }
  }

  /**
   * @param {import("./meter.js").Figures} figures `framesDecoded` counts encoded frames here
   * @param {boolean} moving
   * @returns {import("../protocol/stage.js").Report}
   */
  #report(figures, moving) {
    return {
      frames: this.parts.counter.take(figures.framesDecoded),
      width: figures.width,
      height: figures.height,
      audio_level: this.parts.sound.take(figures),
      muted: this.parts.stream.getAudioTracks().every((track) => track.muted),
      playing: moving,
      lost: figures.lost,
      fault: "",
    };
  }
}
