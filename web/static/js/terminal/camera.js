// @ts-check
/**
 * The host room's own camera and microphone, and what keeps a page from using them. No DOM.
 */

export const Fault = Object.freeze({
  NO_WEBRTC: "A01",
  INSECURE: "C01",
  REFUSED: "C02",
  NO_CAMERA: "C03",
  NO_MICROPHONE: "C04",
  BUSY: "C05",
  UNPLUGGED: "C06",
  TAKEN_OVER: "L01",
});
/** What the page shows, and people read out to the technician on the phone. */

export class CameraFault extends Error {
  /** @param {string} code one of Fault */
  constructor(code) {
    super(code);
    this.name = "CameraFault";
    this.code = code;
  }
}

const WANTED = {
  video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 } },
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

/**
 * @returns {Promise<{camera: boolean, microphone: boolean} | null>} what is plugged in; null when
 *   this page is not allowed to know
 */
export async function devices() {
  if (!navigator.mediaDevices || !navigator.mediaDevices.enumerateDevices) {
    return null;
  }
  const found = await navigator.mediaDevices.enumerateDevices();
  return {
    camera: found.some((device) => device.kind === "videoinput"),
    microphone: found.some((device) => device.kind === "audioinput"),
  };
}

/**
 * @returns {Promise<MediaStream>} with one video and one audio track
 * @throws {CameraFault}
 */
export async function capture() {
  if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
    throw new CameraFault(Fault.INSECURE);
  }
  try {
    return await navigator.mediaDevices.getUserMedia(WANTED);
  } catch (error) {
    throw new CameraFault(faultOf(/** @type {Error} */ (error).name, await devices()));
  }
}

/** @param {MediaStream | null} stream */
export function release(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/**
 * Pure: the fault behind an error of getUserMedia.
 * @param {string} name of the DOMException
 * @param {{camera: boolean, microphone: boolean} | null} found
 * @returns {string} one of Fault
 */
export function faultOf(name, found) {
  if (name === "NotAllowedError" || name === "SecurityError") {
    return Fault.REFUSED;
  }
  if (name === "NotReadableError" || name === "AbortError") {
    return Fault.BUSY;
  }
  return found !== null && found.camera && !found.microphone ? Fault.NO_MICROPHONE : Fault.NO_CAMERA;
}
