// @ts-check
/**
 * The page's side of worker.js: registers it, and lets a new version take over.
 *
 * Browsers give service workers to https pages and to this machine only. Elsewhere the page works as
 * long as the coordinator answers when it is opened, and `available` says so.
 */

const SCRIPT = "/terminal/worker.js";
const SCOPE = "/terminal";
const CHECK_EVERY = 600; // seconds between two checks for a new version
const TAKES_OVER_WITHIN = 5000; // milliseconds

export class OfflinePage {
  /**
   * @param {ServiceWorkerContainer | undefined} container `navigator.serviceWorker`
   * @param {() => number} now seconds of a clock that never jumps
   */
  constructor(container, now) {
    this.container = container;
    this.now = now;
    this.checkedAt = now();
    /** @type {ServiceWorkerRegistration | null} */
    this.registration = null;
  }

  /** Register the worker; a refusal leaves a page that needs its server. */
  async start() {
    if (this.container === undefined) {
      return;
    }
    try {
      this.registration = await this.container.register(SCRIPT, { scope: SCOPE });
    } catch (error) {
      this.registration = (await this.container.getRegistration(SCOPE)) ?? null; // the server is away
    }
  }

  /** @returns {boolean} whether this page would come up without its server */
  get available() {
    return this.registration?.active?.state === "activated";
  }

  /** @returns {boolean} whether a newer version waits to take over */
  get updateWaits() {
    return Boolean(this.registration?.waiting && this.registration.active);
  }

  /** Ask the server every CHECK_EVERY seconds whether there is a newer version. */
  async checkForUpdate() {
    if (this.now() - this.checkedAt < CHECK_EVERY) {
      return;
    }
    this.checkedAt = this.now();
    if (this.registration === null) {
      await this.start();
      return;
    }
    await this.registration.update().catch(() => undefined); // the server is away: the next check will find it
  }

  /** Let the newer version take over; whoever calls this loads the page anew afterwards. */
  async activateUpdate() {
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
