// @ts-check
/**
 * Plays the lesson with sound; where the browser wants a gesture first, plays it muted meanwhile.
 */

export class Player {
  /**
   * @param {HTMLVideoElement} video
   * @param {HTMLCanvasElement} still keeps the last picture while the connection is made anew
   * @param {AudioContext | null} context
   * @param {() => void} onchange
   */
  constructor(video, still, context, onchange) {
    this.video = video;
    this.still = still;
    this.context = context;
    this.onchange = onchange;
    this.muted = false; // refused by the browser, not chosen by anybody
  }

  /** @param {MediaStream} stream */
  async play(stream) {
    this.video.srcObject = stream;
    this.video.muted = this.muted;
    await this.#start();
  }

  /** Keep the last picture: a connection that closes would leave the screen black. */
  hold() {
    const { videoWidth, videoHeight } = this.video;
    if (videoWidth > 0) {
      this.still.width = videoWidth;
      this.still.height = videoHeight;
      this.still.getContext("2d")?.drawImage(this.video, 0, 0);
    }
  }

  /** The lesson is over: let go of the picture. */
  rest() {
    if (this.video.srcObject !== null) {
      this.video.srcObject = null;
      this.still.width = 0;
    }
  }

  /** Somebody touched the screen or a key: now sound is allowed. */
  async gesture() {
    await this.context?.resume();
    if (this.muted) {
      this.muted = false;
      this.video.muted = false;
      await this.#start();
    }
  }

  async #start() {
    try {
      await this.video.play();
    } catch (error) {
      const refused = /** @type {Error} */ (error).name === "NotAllowedError";
      if (!refused || this.video.muted) {
        return; // a newer source took the element over, and plays itself
      }
      this.muted = true;
      this.video.muted = true;
      await this.#start();
    }
    this.onchange();
  }
}
