// @ts-check
/** Publishes this computer's camera and microphone, again after each loss. No DOM but devices. */

import { Route } from "../protocol/route.js";
import { publish } from "../protocol/whip.js";
import { hasSource, nextRelay } from "./stagelink.js";

const ANSWER_TIMEOUT = 6; // seconds
const FIRST_PAUSE = 0.5;
const LONGEST_PAUSE = 3; // somebody stands before the camera
const ROSTERS_MISSED = 3; // seconds, for a roster comes once a second
const NEXT_LOOK = 0.4; // seconds between two questions after a relay that may be dead

const now = () => performance.now() / 1000;

/** @param {number} seconds */
const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * @typedef {"camera" | "publishing" | "publishLost" | "publishFailed" | "stopped" |
 *   "takenOver" | "cameraDenied" | "cameraMissing" | "cameraInsecure"} Condition
 */

export class Publisher {
  /**
   * @param {() => import("./stagelink.js").Stage | null} stage where to publish just now
   * @param {(condition: Condition) => void} oncondition
   */
  constructor(stage, oncondition) {
    this.stage = stage;
    this.oncondition = oncondition;
    this.wanted = false;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {import("../protocol/whip.js").WhipSession | null} */
    this.session = null;
    this.relay = ""; // where the session is
    this.route = new Route();
    this.missing = 0;
    this.relayLost = false;
    /** @type {number | null} */
    this.lostAt = null; // when the page lost sight of the relay
    /** @type {() => void} */
    this.giveUpSession = () => undefined;
  }

  /** @returns {Promise<MediaStream | null>} the picture for a preview, null when refused */
  async start() {
    if (!navigator.mediaDevices) {
      this.oncondition("cameraInsecure");
      return null;
    }
    this.oncondition("camera");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25 } },
        audio: { echoCancellation: true, noiseSuppression: true },
      });
    } catch (error) {
      const denied = error instanceof DOMException && error.name === "NotAllowedError";
      this.oncondition(denied ? "cameraDenied" : "cameraMissing");
      return null;
    }
    this.wanted = true;
    this.keepPublishing();
    return this.stream;
  }

  /** @param {Condition} [why] */
  stop(why = "stopped") {
    this.wanted = false;
    this.session?.close();
    this.session = null;
    this.giveUpSession();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.oncondition(why);
  }

  /** The relay is out of sight: nobody can say whether it still hears us. */
  loseSight() {
    this.relayLost = true;
    if (!this.session) return;
    this.lostAt ??= now();
    this.route.lost(this.lostAt);
    this.oncondition("publishLost");
    this.#lookAfter(this.session);
  }

  /**
   * A browser notices after many seconds that a relay is dead; it is asked for sooner than that.
   * @param {import("../protocol/whip.js").WhipSession} session
   */
  async #lookAfter(session) {
    const stage = this.stage();
    if (!stage || stage.relays.length < 2) return; // alone, it is waited for in any case
    while (this.relayLost && this.session === session) {
      const heard = await hasSource(stage, this.relay);
      const next = heard ? null : await nextRelay(stage, this.route).catch(() => null);
      if (this.session !== session || heard) return;
      if (next !== null) this.giveUpSession();
      else await sleep(NEXT_LOOK);
    }
  }

  /**
   * Compare with what the relay sees: a browser may go on sending to a session that is no more.
   * @param {import("../protocol/stage.js").RosterEntry[]} peers
   * @param {string} me our subject
   * @param {string} relay whose roster this is: another one's says something only when ours is lost
   */
  compare(peers, me, relay) {
    if (!this.session || (relay !== this.relay && !this.relayLost)) return;
    const publishers = peers.filter((peer) => peer.grant === "publish" && peer.slot === "main");
    const heard = publishers.some((peer) => peer.subject === me);
    this.missing = heard ? 0 : this.missing + 1;
    if (heard || (this.missing < ROSTERS_MISSED && !this.relayLost)) {
      if (heard && this.relayLost) this.oncondition("publishing");
      this.relayLost &&= !heard;
      if (heard) this.lostAt = null;
      return;
    }
    // After a relay's death whoever came back first holds the slot, which says nothing.
    const replaced = publishers.length > 0 && !this.relayLost;
    this.missing = 0;
    this.relayLost = false;
    if (replaced) this.stop("takenOver");
    else this.giveUpSession();
  }

  async keepPublishing() {
    let pause = FIRST_PAUSE;
    while (this.wanted) {
      if (await this.publishOnce()) {
        pause = FIRST_PAUSE;
        if (this.wanted) this.oncondition("publishLost");
      } else if (this.wanted) {
        this.oncondition("publishFailed");
      }
      await sleep(pause * (0.5 + Math.random()));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  /** @returns {Promise<boolean>} whether it had worked, once it no longer does */
  async publishOnce() {
    const stage = this.stage();
    if (!stage?.publish) return false;
    const relay = await nextRelay(stage, this.route).catch(() => null); // over: the page hears of it
    if (relay === null || !this.stream) return false;
    const worked = await this.publishTo(relay, stage.stage, stage.publish);
    if (worked) this.route.lost(this.lostAt ?? now());
    else this.route.failed(relay, now());
    this.lostAt = null;
    return worked;
  }

  /**
   * @param {string} base
   * @param {string} stage
   * @param {string} ticket
   * @returns {Promise<boolean>}
   */
  publishTo(base, stage, ticket) {
    return new Promise((resolve) => {
      let worked = false;
      const onstate = (/** @type {RTCPeerConnectionState} */ state) => {
        if (state === "connected") {
          worked = true;
          this.route.connected(base);
          this.oncondition("publishing");
        } else if (state === "failed" || state === "disconnected" || state === "closed") {
          this.giveUpSession();
        }
      };
      this.giveUpSession = () => {
        this.session?.close();
        this.session = null;
        resolve(worked);
      };
      const stream = /** @type {MediaStream} */ (this.stream);
      publish({ base, stage, ticket, stream, timeout: ANSWER_TIMEOUT, onstate }).then(
        (session) => {
          this.session = session;
          this.relay = base;
          if (!this.wanted) session.close();
        },
        () => resolve(false),
      );
    });
  }
}
