// @ts-check
/**
 * The stage's WebSocket: who publishes, who is here, what this peer reports. No DOM.
 *
 * The first message is `hello` with the ticket; the relay answers `welcome` or closes. What the
 * close codes mean is in media/contract/messages.py.
 */

export const Close = Object.freeze({
  MALFORMED: 4400,
  REFUSED: 4401,
  TAKEN_OVER: 4409,
  STAGE_CLOSED: 4410,
});

/**
 * @typedef {{frames: number, width: number, height: number, audio_level: number, muted: boolean,
 *   playing: boolean, lost: number, fault: string}} Report
 * @typedef {{peer: string, subject: string, role: string, grant: string, slot: string,
 *   state: string, since: number, last_heard: number, bitrate: number,
 *   frames_per_second: number, audio_level: number, muted: boolean, playing: boolean,
 *   width: number, height: number, fault: string}} RosterEntry
 * @typedef {{onsource?: (slot: string, up: boolean) => void,
 *   onroster?: (peers: RosterEntry[]) => void,
 *   onend: (code: number, reason: string) => void}} StageHandlers `onend` comes at most once
 */

export class StageError extends Error {
  /**
   * @param {string} message
   * @param {number} code of the WebSocket's close, 0 when nobody answered
   */
  constructor(message, code) {
    super(message);
    this.name = "StageError";
    this.code = code;
  }
}

/**
 * @param {string} base the relay's address (http or https) without a trailing slash
 * @param {string} stage
 * @returns {string}
 */
export function stageUrl(base, stage) {
  return `${base.replace(/^http/, "ws")}/stages/${encodeURIComponent(stage)}`;
}

export class StageLink {
  /**
   * @param {WebSocket} socket
   * @param {StageHandlers} handlers
   */
  constructor(socket, handlers) {
    this.socket = socket;
    this.handlers = handlers;
    this.closedReason = "";
    /** @type {Record<string, boolean>} */
    this.sources = {};
  }

  /** @param {Report} report */
  report(report) {
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ type: "report", ...report }));
    }
  }

  /** Leave without a word to the handlers. */
  close() {
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.onerror = null;
    this.socket.close();
  }

  /** @param {any} message decoded JSON of the relay */
  take(message) {
    if (message.type === "welcome") {
      this.sources = { ...message.sources };
    } else if (message.type === "source") {
      this.sources[message.slot] = message.up;
      this.handlers.onsource?.(message.slot, message.up);
    } else if (message.type === "roster") {
      this.handlers.onroster?.(message.peers);
    } else if (message.type === "closed") {
      this.closedReason = String(message.reason ?? "");
    }
  }
}

/**
 * Connect and be welcomed.
 * @param {{base: string, stage: string, ticket: string, timeout: number} & StageHandlers} options
 *   `timeout` in seconds until the welcome
 * @returns {Promise<StageLink>}
 * @throws {StageError}
 */
export function openStage({ base, stage, ticket, timeout, ...handlers }) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(stageUrl(base, stage));
    const link = new StageLink(socket, handlers);
    let welcomed = false;
    const refuse = (/** @type {string} */ why, /** @type {number} */ code) => {
      clearTimeout(timer);
      link.close();
      reject(new StageError(why, code));
    };
    const timer = setTimeout(() => refuse("no welcome in time", 0), timeout * 1000);
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", ticket }));
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      link.take(message);
      if (message.type === "welcome" && !welcomed) {
        welcomed = true;
        clearTimeout(timer);
        resolve(link);
      }
    };
    socket.onclose = (event) => {
      if (welcomed) {
        handlers.onend(event.code, link.closedReason || event.reason);
      } else {
        refuse("closed before the welcome", event.code);
      }
    };
  });
}
