// @ts-check
/**
 * The host's list of classrooms: who is in, who sees and hears. Pure.
 *
 * @typedef {import("../protocol/stage.js").RosterEntry} RosterEntry
 * @typedef {{name: string, state: "in" | "blind" | "muted" | "out"}} Classroom
 */

/**
 * @param {import("./schedule.js").LegPlace[]} legs
 * @param {RosterEntry[]} peers
 * @returns {Classroom[]} in the timetable's order
 */
export function classrooms(legs, peers) {
  return legs.map((leg) => {
    const own = peers.filter((peer) => peer.subject === `room:${leg.room_id}`);
    return { name: `${leg.school} ${leg.name}`, state: best(own) };
  });
}

/**
 * A room may appear twice for a moment, while its new connection replaces the old one.
 * @param {RosterEntry[]} peers
 * @returns {Classroom["state"]}
 */
function best(peers) {
  const alive = peers.filter((peer) => peer.state === "CONNECTED");
  if (alive.length === 0) {
    return "out";
  }
  if (!alive.some((peer) => peer.playing)) {
    return "blind";
  }
  return alive.some((peer) => peer.playing && !peer.muted) ? "in" : "muted";
}

/**
 * What fits a wall screen: all rooms, or only those that need a look.
 * @param {Classroom[]} rooms
 * @param {number} most lines
 * @returns {Classroom[]}
 */
export function worthShowing(rooms, most) {
  if (rooms.length <= most) {
    return rooms;
  }
  return rooms.filter((room) => room.state !== "in").slice(0, most);
}
