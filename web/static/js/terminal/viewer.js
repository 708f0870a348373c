// @ts-check
/**
 * 听讲端: one viewing connection of a lesson, watched once a second. Knows the video, not the page.
 */

import { holdOn } from "../protocol/lifeline.js";
import { Hunger } from "../protocol/route.js";
import { openStage } from "../protocol/stage.js";
import { watch } from "../protocol/whep.js";
import { endingOfClose } from "./meeting.js";
import { figuresOf, framesShown, NO_FIGURES } from "./meter.js";
import { Watchdog } from "./watchdog.js";

const TIMEOUT = 5; // seconds for each of the two halves of a connection

/**
 * @typedef {import("./meeting.js").Ending} Ending
 * @typedef {{video: HTMLVideoElement, counter: import("./meter.js").FrameCounter,
 *   sound: import("./meter.js").SoundMeter, now: () => number, elsewhere: () => Promise<boolean>,
 *   play: (stream: MediaStream) => void, hold: () => void, onpicture: () => void, onsource: (up: boolean) => void,
 *   onreport: (report: import("../protocol/stage.js").Report) => void}} Room
 */

export class Viewing {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    this.dog = new Watchdog(room.now());
    this.hunger = new Hunger(room.now());
    this.hadPicture = false;
    this.hadPath = false;
    /** @type {import("../protocol/whep.js").WhepSession | null} */
    this.session = null;
    /** @type {import("../protocol/stage.js").StageLink | null} */
    this.stage = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    this.letGo = () => {};
    /** @type {(ending: Ending) => void} */
    this.end = () => undefined;
    /** @type {Promise<Ending>} */
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  /** @returns {boolean} */
  arrived() {
    return this.hadPath;
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
      watch({ ...common, onstate: (state) => this.#path(state) }),
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
    this.room.play(stream);
    this.room.video.requestVideoFrameCallback?.(() => this.#first());
    this.room.sound.attach(stream);
    this.timer = setInterval(() => this.#look(), 1000);
    this.letGo = holdOn(this.session, () => this.stage?.sources.main === true);
  }

  leave() {
    clearInterval(this.timer);
    this.letGo();
    if (this.hadPicture && this.session) {
      this.room.hold();
    }
    this.room.sound.detach();
    this.stage?.close();
    this.session?.close();
    this.stage = null;
    this.session = null;
    this.end("stopped");
  }

  /** The first frame is told at once, not with the next look. */
  #first() {
    if (this.session) {
      this.hadPicture = true;
      this.room.onpicture();
    }
  }

  /** @param {RTCPeerConnectionState} state */
  #path(state) {
    this.dog.path(this.room.now(), state);
    this.hadPath ||= state === "connected";
    if (state === "failed" || state === "closed") {
      this.end("dead");
    }
  }

  async #look() {
    const { session, stage, room } = this;
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
    const before = this.dog.frames;
    this.dog.sees(room.now(), figures.framesDecoded, up);
    room.onsource(up);
    if (figures.framesDecoded > before) {
      this.hadPicture = true;
      this.hunger.fed(room.now());
      room.onpicture();
    }
    const report = this.#report(figures, figures.framesDecoded > before);
    stage.report(report);
    room.onreport(report);
    this.#giveUpMaybe();
  }

  /**
   * @param {import("./meter.js").Figures} figures
   * @param {boolean} moving
   * @returns {import("../protocol/stage.js").Report}
   */
  #report(figures, moving) {
    const { video, counter, sound } = this.room;
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

  #giveUpMaybe() {
    const now = this.room.now();
    if (this.dog.isDead(now)) {
      this.end("dead");
    } else if (this.hunger.wantsLook(now)) {
      this.#lookElsewhere();
    }
  }

  /** The host may be on another relay: one that could not reach this one, or moved. */
  async #lookElsewhere() {
    if (await this.room.elsewhere()) {
      this.end("elsewhere");
    }
  }
}
