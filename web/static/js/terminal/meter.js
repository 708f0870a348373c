// @ts-check
/**
 * What this room really sees and hears: frames shown, loudness of the decoded sound, packets lost.
 *
 * The sound is measured before the page's own muting, on a WebAudio analyser; while the browser
 * keeps audio contexts suspended (no gesture yet), the decoder's statistics stand in.
 */

const WINDOW = 1024; // samples an analyser looks at: about 21 ms at 48 kHz
const EVERY = 50; // milliseconds between two looks

export class FrameCounter {
  constructor() {
    this.total = 0;
    this.last = 0;
  }

  /**
   * @param {number} shown the element's own count, which starts again with every source
   * @returns {number} frames since the page began to play
   */
  take(shown) {
    this.total += shown >= this.last ? shown - this.last : shown;
    this.last = shown;
    return this.total;
  }
}

/**
 * @param {HTMLVideoElement} video
 * @returns {number} frames shown from the current source
 */
export function framesShown(video) {
  const quality = video.getVideoPlaybackQuality();
  return Math.max(0, quality.totalVideoFrames - quality.droppedVideoFrames);
}

export class SoundMeter {
  /** @param {AudioContext | null} context null where the browser has none */
  constructor(context) {
    this.context = context;
    this.loudest = 0;
    this.energy = { total: 0, seconds: 0 };
    /** @type {MediaStreamAudioSourceNode | null} */
    this.source = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  /** @param {MediaStream} stream with at least one audio track */
  attach(stream) {
    this.detach();
    if (this.context === null) {
      return;
    }
    const analyser = this.context.createAnalyser();
    analyser.fftSize = WINDOW;
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(analyser);
    const samples = new Float32Array(WINDOW);
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.loudest = Math.max(this.loudest, rootMeanSquare(samples));
    }, EVERY);
  }

  detach() {
    clearInterval(this.timer);
    this.source?.disconnect();
    this.source = null;
    this.loudest = 0;
    this.energy = { total: 0, seconds: 0 };
  }

  /**
   * @param {{audioLevel: number, energy: number, seconds: number}} decoder its own figures
   * @returns {number} the loudest RMS (0 to 1) since the last call
   */
  take(decoder) {
    const measured = this.loudest;
    this.loudest = 0;
    const fallback = this.#fromDecoder(decoder);
    const running = this.source !== null && this.context?.state === "running";
    return Math.min(1, running ? measured : fallback);
  }

  /** @param {{audioLevel: number, energy: number, seconds: number}} decoder */
  #fromDecoder(decoder) {
    const seconds = decoder.seconds - this.energy.seconds;
    const energy = decoder.energy - this.energy.total;
    this.energy = { total: decoder.energy, seconds: decoder.seconds };
    const mean = seconds > 0 && energy > 0 ? Math.sqrt(energy / seconds) : 0;
    return Math.max(mean, decoder.audioLevel);
  }
}

/**
 * @param {Float32Array} samples
 * @returns {number}
 */
export function rootMeanSquare(samples) {
  let sum = 0;
  for (const sample of samples) {
    sum += sample * sample;
  }
  return samples.length > 0 ? Math.sqrt(sum / samples.length) : 0;
}

/**
 * @typedef {{framesDecoded: number, width: number, height: number, lost: number,
 *   audioLevel: number, energy: number, seconds: number}} Figures
 */

/** @type {Readonly<Figures>} */
export const NO_FIGURES = Object.freeze({
  framesDecoded: 0, width: 0, height: 0, lost: 0, audioLevel: 0, energy: 0, seconds: 0,
});

/**
 * Pure: the sums over a statistics report of the browser.
 * @param {Iterable<any>} entries of an RTCStatsReport
 * @param {"inbound-rtp" | "outbound-rtp"} direction
 * @returns {Figures}
 */
export function figuresOf(entries, direction) {
  const figures = { ...NO_FIGURES };
  for (const entry of entries) {
    if (entry.type === "media-source" && entry.kind === "audio") {
      figures.audioLevel = Math.max(figures.audioLevel, entry.audioLevel ?? 0);
    }
    if (entry.type !== direction) {
      continue;
    }
    figures.lost += Math.max(0, entry.packetsLost ?? 0);
    if (entry.kind === "video") {
      figures.framesDecoded += entry.framesDecoded ?? entry.framesEncoded ?? 0;
      figures.width = Math.max(figures.width, entry.frameWidth ?? 0);
      figures.height = Math.max(figures.height, entry.frameHeight ?? 0);
    } else if (entry.kind === "audio") {
      figures.audioLevel = Math.max(figures.audioLevel, entry.audioLevel ?? 0);
      figures.energy += entry.totalAudioEnergy ?? 0;
      figures.seconds += entry.totalSamplesDuration ?? 0;
    }
  }
  return figures;
}
