// @ts-check
/**
 * The terminal's states as one table. Pure: no DOM, no clock, no network.
 *
 * A room is paired once; from then on it waits, shows the lobby, takes part and waits again. A pair
 * that the table does not name cannot happen and changes nothing: `next` answers null.
 */

export const State = Object.freeze({
  STARTING: "STARTING", // the page was just opened
  UNSUPPORTED: "UNSUPPORTED", // this browser cannot take part at all
  PAIRING: "PAIRING", // waits for an administrator
  WAITING: "WAITING", // paired, but it has no timetable yet
  STANDBY: "STANDBY", // 待机
  LOBBY: "LOBBY", // 候课
  JOINING: "JOINING", // the lesson is on, no picture yet
  LIVE: "LIVE", // 上课
  LOST: "LOST", // the picture went away, it is being fetched again
  FAULT: "FAULT", // 故障: somebody has to do something
});

export const TerminalEvent = Object.freeze({
  UNABLE: "UNABLE", // the browser lacks what is needed
  NO_TOKEN: "NO_TOKEN",
  TOKEN: "TOKEN",
  PAIRED: "PAIRED",
  DAY: "DAY", // today's timetable is known
  REVOKED: "REVOKED",
  IDLE: "IDLE", // the timetable has nothing for now
  LOBBY_OPENS: "LOBBY_OPENS",
  LESSON_STARTS: "LESSON_STARTS", // also: another lesson than the one that is on
  PICTURE: "PICTURE", // new frames are shown (or sent, by the host)
  PICTURE_LOST: "PICTURE_LOST",
  FAILED: "FAILED",
  MENDED: "MENDED",
  CLOSED: "CLOSED", // the relay says that the lesson is over
});

const S = State;
const H = TerminalEvent;

const WHILE_IN_LESSON = {
  [H.IDLE]: S.STANDBY,
  [H.LOBBY_OPENS]: S.LOBBY,
  [H.LESSON_STARTS]: S.JOINING,
  [H.CLOSED]: S.STANDBY,
  [H.REVOKED]: S.PAIRING,
};

/** @type {Readonly<Record<string, Readonly<Record<string, string>>>>} */
export const TABLE = Object.freeze({
  [S.STARTING]: { [H.UNABLE]: S.UNSUPPORTED, [H.NO_TOKEN]: S.PAIRING, [H.TOKEN]: S.WAITING },
  [S.UNSUPPORTED]: {},
  [S.PAIRING]: { [H.PAIRED]: S.WAITING },
  [S.WAITING]: { [H.DAY]: S.STANDBY, [H.REVOKED]: S.PAIRING },
  [S.STANDBY]: {
    [H.LOBBY_OPENS]: S.LOBBY,
    [H.LESSON_STARTS]: S.JOINING,
    [H.REVOKED]: S.PAIRING,
  },
  [S.LOBBY]: {
    [H.IDLE]: S.STANDBY,
    [H.LESSON_STARTS]: S.JOINING,
    [H.REVOKED]: S.PAIRING,
  },
  [S.JOINING]: { ...WHILE_IN_LESSON, [H.PICTURE]: S.LIVE, [H.FAILED]: S.FAULT },
  [S.LIVE]: { ...WHILE_IN_LESSON, [H.PICTURE_LOST]: S.LOST, [H.FAILED]: S.FAULT },
  [S.LOST]: { ...WHILE_IN_LESSON, [H.PICTURE]: S.LIVE, [H.FAILED]: S.FAULT },
  [S.FAULT]: { ...WHILE_IN_LESSON, [H.PICTURE]: S.LIVE, [H.MENDED]: S.JOINING },
});

/** States in which a lesson's connection exists. */
export const IN_LESSON = Object.freeze([S.JOINING, S.LIVE, S.LOST, S.FAULT]);

/** What the coordinator calls each state (scheduler's TerminalState). */
export const REPORTED = Object.freeze({
  [S.STARTING]: "CHECKING",
  [S.UNSUPPORTED]: "FAULT",
  [S.PAIRING]: "CHECKING",
  [S.WAITING]: "CHECKING",
  [S.STANDBY]: "STANDBY",
  [S.LOBBY]: "READY",
  [S.JOINING]: "IN_LESSON",
  [S.LIVE]: "IN_LESSON",
  [S.LOST]: "IN_LESSON",
  [S.FAULT]: "FAULT",
});

/**
 * @param {string} state
 * @param {string} event
 * @returns {string | null} the next state, or null when this cannot happen now
 */
export function next(state, event) {
  const row = TABLE[state];
  return (row && row[event]) || null;
}
