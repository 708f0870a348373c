// Run by tests/unit/web/teacher/test_teacher_modules.py, which says where the modules are.
import assert from "node:assert/strict";
import { test } from "node:test";

const at = (path) => import(`${process.env.TONGKE_MODULES}/${path}`);
const { Ears, NAMED, QUIET_AFTER, peerOf, rowOf, summary } = await at("teacher/roster.js");

const words = new Proxy({}, { get: (_target, name) => String(name) });

const peer = (changed) => ({
  peer: "p1",
  subject: "room:1",
  role: "LEG",
  grant: "view",
  slot: "main",
  state: "CONNECTED",
  since: 100,
  last_heard: 200,
  bitrate: 1_000_000,
  frames_per_second: 25,
  audio_level: 0.1,
  muted: false,
  playing: true,
  width: 1280,
  height: 720,
  fault: "",
  ...changed,
});

const said = (entry, isHost = false, audible = true) => {
  const row = rowOf(entry, isHost, audible, words);
  return [row.state.word, row.sees.word, row.hears.word, row.since];
};

test("a room that sees and hears", () => {
  assert.deepEqual(said(peer()), ["in", "picture", "sound", 100]);
});

test("a connected socket is no evidence: black, frozen, mute and deaf rooms are told apart", () => {
  assert.deepEqual(said(peer({ playing: false })), ["in", "noPicture", "sound", 100]);
  assert.deepEqual(said(peer({ frames_per_second: 0 })), ["in", "noPicture", "sound", 100]);
  assert.deepEqual(said(peer({ muted: true })), ["in", "picture", "muted", 100]);
  assert.deepEqual(said(peer(), false, false), ["in", "picture", "noSound", 100]);
});

test("a room that was in before is told apart from one that never came", () => {
  assert.equal(rowOf(null, false, false, words, true).state.word, "gone");
  assert.equal(rowOf(null, false, false, words, false).state.word, "out");
});

test("one sentence says how many rooms see the lesson and which do not", () => {
  const spoken = {
    ...{ in: "in", out: "away", picture: "fine", noPicture: "dark", noSound: "quiet" },
    ...{ seen: "{n} of {all}", more: "{names} +{n}", colon: ": ", comma: ", ", semicolon: "; " },
  };
  const room = (name, entry) => ({ name, row: rowOf(entry, false, false, spoken) });
  const well = [room("A", peer()), room("B", peer())];
  assert.deepEqual(summary(well, spoken), { look: "good", word: "2 of 2" }); // though it is quiet
  const mixed = [...well, room("C", null), room("D", peer({ playing: false })), room("E", null)];
  assert.deepEqual(summary(mixed, spoken), { look: "warn", word: "2 of 5; away: C, E; dark: D" });
  const many = Array.from({ length: NAMED + 2 }, (_, at) => room(String(at), null));
  assert.equal(summary(many, spoken).word, "0 of 7; away: 0, 1, 2, 3, 4 +7");
});

test("a room that is not there, joining, or silent", () => {
  assert.deepEqual(said(null), ["out", "—", "—", null]);
  assert.deepEqual(said(peer({ state: "CONNECTING" })), ["connecting", "—", "—", 100]);
  assert.deepEqual(said(peer({ state: "SILENT" })), ["silent", "—", "—", 100]);
});

test("a host is in only when it publishes, and sends only when bits flow", () => {
  assert.deepEqual(said(peer(), true), ["out", "—", "—", null]);
  assert.deepEqual(said(peer({ grant: "publish" }), true), ["in", "sends", "—", 100]);
  assert.deepEqual(said(peer({ grant: "publish", bitrate: 0 }), true), [
    "in",
    "sendsNothing",
    "—",
    100,
  ]);
});

test("a row's peer is its publisher, else the one heard last", () => {
  const old = peer({ peer: "old", last_heard: 1 });
  const fresh = peer({ peer: "fresh", last_heard: 2 });
  const sender = peer({ peer: "sender", subject: "person:9", grant: "publish", last_heard: 0 });
  const stranger = peer({ peer: "stranger", subject: "room:2" });
  assert.equal(peerOf([stranger], ["room:1"]), null);
  assert.equal(peerOf([old, fresh, stranger], ["room:1"]).peer, "fresh");
  assert.equal(peerOf([old, fresh, sender], ["room:1", "person:9"]).peer, "sender");
});

test("a pause in speaking is not deafness, a long one is told", () => {
  const ears = new Ears();
  assert.equal(ears.listen(peer({ audio_level: 0 }), 0), false);
  assert.equal(ears.listen(peer({ audio_level: 0.2 }), 1), true);
  assert.equal(ears.listen(peer({ audio_level: 0 }), 1 + QUIET_AFTER), true);
  assert.equal(ears.listen(peer({ audio_level: 0 }), 1.1 + QUIET_AFTER), false);
});
