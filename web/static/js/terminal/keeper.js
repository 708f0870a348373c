// @ts-check
/**
 * The page's side of worker.js: has it put in place, and says when a new version may take over.
 *
 * Browsers give service workers to https pages and to this machine only. Elsewhere the page works as
 * long as the coordinator answers when it is opened, and `keeps` says so.
 */

const SCRIPT = "/terminal/worker.js";
const SCOPE = "/terminal";
const LOOK_EVERY = 600; // seconds between two looks for a new version
const TAKES_OVER_WITHIN = 5000; // milliseconds

export class Keeper {
  /**
   * @param {ServiceWorkerContainer | undefined} container `navigator.serviceWorker`
   * @param {() => number} now seconds of a clock that never jumps
   */
  constructor(container, now) {
    this.container = container;
    this.now = now;
    this.lookedAt = now();
    /** @type {ServiceWorkerRegistration | null} */
    this.registration = null;
  }

  /** Put the worker in place; a refusal leaves a page that needs its server. */
  async start() {
    if (this.container === undefined) {
      return;
    }
    try {
      this.registration = await this.container.register(SCRIPT, { scope: SCOPE });
    } catch (error) {
      this.registration = (await this.container.getRegistration(SCOPE)) ?? null; // away just now
    }
  }

  /** @returns {boolean} whether this page would come up without its server */
  get keeps() {
    return this.registration?.active?.state === "activated";
  }

  /** @returns {boolean} whether a newer version waits to take over */
  get newer() {
    return Boolean(this.registration?.waiting && this.registration.active);
  }

  /** Ask the server now and then whether there is a newer version. */
  async look() {
    if (this.now() - this.lookedAt < LOOK_EVERY) {
      return;
    }
    this.lookedAt = this.now();
    if (this.registration === null) {
      await this.start();
      return;
    }
    await this.registration.update().catch(() => undefined); // away: the next look will tell
  }

  /** Let the newer version take over; whoever calls this loads the page anew afterwards. */
  async takeOver() {
    const waiting = this.registration?.waiting;
    if (!waiting) {
      return;
    }
    const done = new Promise((resolve) => {
      waiting.addEventListener("statechange", () => waiting.state === "activated" && resolve(true));
      setTimeout(resolve, TAKES_OVER_WITHIN, false);
    });
    waiting.postMessage("take over");
    await done;
  }
}
