// @ts-check
/**
 * 听讲端: one viewing connection of a lesson, watched once a second. Knows the video, not the page.
 */

import { restartOnPause } from "../protocol/ice_restart.js";
import { MissingMediaWatch } from "../protocol/route.js";
import { openStage } from "../protocol/stage.js";
import { watch } from "../protocol/whep.js";
import { endingOfClose } from "./attendance.js";
import { figuresOf, framesShown, NO_FIGURES } from "./meter.js";
import { Watchdog } from "./watchdog.js";

const TIMEOUT = 5; // seconds for each of the two halves of a connection

/**
 * @typedef {import("./attendance.js").Ending} Ending
 * @typedef {{video: HTMLVideoElement, counter: import("./meter.js").FrameCounter,
 *   sound: import("./meter.js").SoundMeter, now: () => number, elsewhere: () => Promise<boolean>,
 *   play: (stream: MediaStream) => void, hold: () => void, onpicture: () => void, onsource: (up: boolean) => void,
 *   onreport: (report: import("../protocol/stage.js").Report) => void}} ViewerParts
 */

export class Viewing {
  /** @param {ViewerParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.watchdog = new Watchdog(parts.now());
    this.missing = new MissingMediaWatch(parts.now());
    this.hadPicture = false;
    this.wasConnected = false;
    /** @type {import("../protocol/whep.js").WhepSession | null} */
    this.session = null;
    /** @type {import("../protocol/stage.js").StageLink | null} */
    this.stage = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    this.stopWatching = () => {};
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
   * Open both halves at once: neither waits for the other.
   * @param {string} base the relay's address
   * @param {string} lessonId
   * @param {string} ticket
   */
  async open(base, lessonId, ticket) {
    const common = { base, stage: lessonId, ticket, timeout: TIMEOUT };
    const halves = await Promise.allSettled([
      openStage({ ...common, onend: (code) => this.end(endingOfClose(code)) }),
      watch({ ...common, onstate: (state) => this.#pathState(state) }),
    ]);
    const [stage, session] = halves;
    this.stage = stage.status === "fulfilled" ? stage.value : null;
    this.session = session.status === "fulfilled" ? session.value : null;
    const failed = halves.find((half) => half.status === "rejected");
    if (failed || !this.session) {
      this.leave();
      throw /** @type {PromiseRejectedResult} */ (failed).reason;
    }
    const stream = new MediaStream(this.session.tracks("main"));
    this.parts.play(stream);
    this.parts.video.requestVideoFrameCallback?.(() => this.#firstFrame());
    this.parts.sound.attach(stream);
    this.timer = setInterval(() => this.#check(), 1000);
    this.stopWatching = restartOnPause(this.session, () => this.stage?.sources.main === true);
  }

  leave() {
    clearInterval(this.timer);
    this.stopWatching();
    if (this.hadPicture && this.session) {
      this.parts.hold();
    }
    this.parts.sound.detach();
    this.stage?.close();
    this.session?.close();
    this.stage = null;
    this.session = null;
    this.end("stopped");
  }

  /** The first frame is reported at once, not with the next check. */
  #firstFrame() {
    if (this.session) {
      this.hadPicture = true;
      this.parts.onpicture();
    }
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
      (stats) => figuresOf(stats.values(), "inbound-rtp"),
      () => NO_FIGURES, // the connection was closed while it was asked
    );
    if (this.session !== session) {
      return;
    }
    const up = stage.sources.main === true;
    const before = this.watchdog.frames;
    this.watchdog.observe(parts.now(), figures.framesDecoded, up);
    parts.onsource(up);
    if (figures.framesDecoded > before) {
      this.hadPicture = true;
      this.missing.mediaCame(parts.now());
      parts.onpicture();
    }
    const report = this.#report(figures, figures.framesDecoded > before);
    stage.report(report);
    parts.onreport(report);
    this.#endIfDead();
  }

  /**
   * @param {import("./meter.js").Figures} figures
   * @param {boolean} moving
   * @returns {import("../protocol/stage.js").Report}
   */
  #report(figures, moving) {
    const { video, counter, sound } = this.parts;
    return {
      frames: counter.take(framesShown(video)),
      width: video.videoWidth,
      height: video.videoHeight,
      audio_level: sound.take(figures),
      muted: video.muted || video.volume === 0,
      playing: moving && !video.paused,
      lost: figures.lost,
      fault: "",
    };
  }

  #endIfDead() {
    const now = this.parts.now();
    if (this.watchdog.isDead(now)) {
      this.end("dead");
    } else if (this.missing.discoveryIsDue(now)) {
      this.#askOthers();
    }
  }

  /** The host may be on another relay: one that could not reach this one, or moved. */
  async #askOthers() {
    if (await this.parts.elsewhere()) {
      this.end("elsewhere");
    }
  }
}
