// @ts-check
/**
 * What the timetable says about a moment. Pure: times are Unix seconds, `now` is an argument.
 *
 * @typedef {{publish: string | null, view: string | null}} Tickets
 * @typedef {{room_id: string, name: string, school: string}} LegPlace
 * @typedef {{id: string, title: string, subject: string, state: string, teacher: string,
 *   host_school: string, host_room: string, role: "HOST" | "LEG", leg_id: string | null,
 *   lobby_at: number, starts_at: number, ends_at: number, legs: LegPlace[],
 *   tickets: Tickets, relays?: import("./attendance.js").Relay[]}} Lesson `relays` in the order that
 *   everybody of the lesson was given
 */

/** A lesson may run over by this much before its rooms go back to standby by themselves. */
export const OVERTIME = 60;

/** Tickets of an unchanged day are as good as new ones for this long (seconds). */
export const TICKETS_GOOD_FOR = 1800;

const OPEN_STATES = ["BOOKED", "LOBBY", "LIVE"];

/**
 * A closed lesson that is moved to another time is a lesson again, so the time is in the key.
 * @param {Lesson} lesson
 * @returns {string}
 */
export function keyOf(lesson) {
  return `${lesson.id}@${lesson.starts_at}`;
}

/**
 * @param {Lesson} lesson
 * @param {ReadonlySet<string>} closed keys of lessons that the relay has closed
 * @returns {boolean} whether this lesson can still take place
 */
export function isOpen(lesson, closed) {
  return OPEN_STATES.includes(lesson.state) && !closed.has(keyOf(lesson));
}

/**
 * What a room does now. Of two lessons that touch, the one that has begun later wins over the
 * other's tail; a lobby never interrupts a lesson.
 * @param {Lesson[]} lessons
 * @param {number} now
 * @param {ReadonlySet<string>} closed
 * @returns {{phase: "IDLE" | "LOBBY" | "LESSON", lesson: Lesson | null}}
 */
export function situation(lessons, now, closed) {
  const open = lessons.filter((lesson) => isOpen(lesson, closed) && now < lesson.ends_at + OVERTIME);
  const running = open.filter((lesson) => lesson.starts_at <= now);
  if (running.length > 0) {
    return { phase: "LESSON", lesson: latest(running) };
  }
  const coming = open.filter((lesson) => lesson.lobby_at <= now);
  if (coming.length > 0) {
    return { phase: "LOBBY", lesson: earliest(coming) };
  }
  return { phase: "IDLE", lesson: null };
}

/**
 * @param {Lesson[]} lessons
 * @param {number} now
 * @param {ReadonlySet<string>} closed
 * @returns {Lesson[]} what is still to come today, the next one first
 */
export function upcoming(lessons, now, closed) {
  return lessons
    .filter((lesson) => isOpen(lesson, closed) && lesson.ends_at > now)
    .sort((a, b) => a.starts_at - b.starts_at);
}

/**
 * Whether a day says anything that the kept one does not. Each answer has the time and tickets of
 * its own; neither is news.
 * @param {import("./coordinator.js").Day | null} kept
 * @param {import("./coordinator.js").Day} day
 * @returns {boolean}
 */
export function isNews(kept, day) {
  if (kept === null || Math.abs(day.server_time - kept.server_time) > TICKETS_GOOD_FOR) {
    return true;
  }
  return withoutTickets(kept) !== withoutTickets(day);
}

/** @param {import("./coordinator.js").Day} day */
function withoutTickets(day) {
  return JSON.stringify({ ...day, server_time: 0 }, (name, value) =>
    (name === "publish" || name === "view") && value !== null ? "a ticket" : value,
  );
}

/**
 * @param {Lesson[]} lessons never empty
 * @returns {Lesson}
 */
function latest(lessons) {
  return lessons.reduce((best, other) => (other.starts_at > best.starts_at ? other : best));
}

/**
 * @param {Lesson[]} lessons never empty
 * @returns {Lesson}
 */
function earliest(lessons) {
  return lessons.reduce((best, other) => (other.starts_at < best.starts_at ? other : best));
}

/**
 * @param {number} seconds until something; what is past counts as none
 * @returns {string} "4:05" below an hour, "1:04:05" above
 */
export function countdown(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  const hours = Math.floor(left / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  const rest = String(left % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
