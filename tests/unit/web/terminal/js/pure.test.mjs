// Run by tests/unit/web/terminal/test_terminal_modules.py, which says where the modules are.
import assert from "node:assert/strict";
import { test } from "node:test";

const at = (path) => import(`${process.env.TONGKE_MODULES}/${path}`);
const machine = await at("terminal/machine.js");
const { waitBefore, MOST, SHORT_ONES } = await at("terminal/backoff.js");
const { situation, upcoming, countdown, keyOf, OVERTIME, isNews, TICKETS_GOOD_FOR } = await at("terminal/schedule.js");
const { ServerClock } = await at("terminal/clock.js");
const { Watchdog, STALLED_AFTER, FIRST_PICTURE_WITHIN } = await at("terminal/watchdog.js");
const { FrameCounter, figuresOf, rootMeanSquare } = await at("terminal/meter.js");
const { Interruption, CALL_AFTER } = await at("terminal/interruption.js");
const { classrooms, worthShowing } = await at("terminal/classrooms.js");
const { usablePairings } = await at("terminal/pairing.js");
const { reloadIsDue, OLD, QUIET } = await at("terminal/renewal.js");
const { Attendance, endingOfClose } = await at("terminal/attendance.js");
const { Store } = await at("terminal/store.js");
const { faultOf, Fault } = await at("terminal/camera.js");
const { fill } = await at("terminal/words.js");
const { sessionUrl, SLOT_SECTIONS } = await at("protocol/whep.js");
const { preferH264 } = await at("protocol/whip.js");
const { PauseWatch, PAUSE, restarted } = await at("protocol/ice_restart.js");
const { stageUrl } = await at("protocol/stage.js");
const { Route, MissingMediaWatch, NodeAnswer, HOLD, UNFIT, MISSING_AFTER, PAUSES, LONGEST_PAUSE } = await at("protocol/route.js");
const { readAnswer } = await at("protocol/discovery.js");

const { State, TerminalEvent, TABLE, IN_LESSON, REPORTED, next } = machine;

test("every state and every event: the table's answer, or none", () => {
  for (const state of Object.values(State)) {
    for (const event of Object.values(TerminalEvent)) {
      const written = TABLE[state][event];
      assert.equal(next(state, event), written ?? null, `${state} x ${event}`);
      assert.ok(written === undefined || written in State);
    }
  }
  assert.equal(next("NOWHERE", TerminalEvent.PICTURE), null);
});

test("every state has a row and a word for the coordinator, and can be reached", () => {
  assert.deepEqual(Object.keys(TABLE).sort(), Object.values(State).sort());
  assert.deepEqual(Object.keys(REPORTED).sort(), Object.values(State).sort());
  const reached = new Set([State.STARTING]);
  for (let round = 0; round < 10; round += 1) {
    for (const state of [...reached]) {
      Object.values(TABLE[state]).forEach((after) => reached.add(after));
    }
  }
  assert.deepEqual([...reached].sort(), Object.values(State).sort());
});

test("whatever happens in a lesson, its end leads to standby and a revocation to pairing", () => {
  for (const state of IN_LESSON) {
    assert.equal(next(state, TerminalEvent.CLOSED), State.STANDBY);
    assert.equal(next(state, TerminalEvent.IDLE), State.STANDBY);
    assert.equal(next(state, TerminalEvent.REVOKED), State.PAIRING);
  }
});

test("the first waits are 0.2 to 1 s, later ones double up to 8 s", () => {
  assert.equal(waitBefore(0, 0), 0.2);
  assert.ok(waitBefore(0, 0.999) < 1);
  assert.equal(waitBefore(SHORT_ONES - 1, 0), 0.2);
  assert.equal(waitBefore(SHORT_ONES, 0), 0.4);
  for (let attempt = 0; attempt < 2000; attempt += 1) {
    assert.ok(waitBefore(attempt, 0.999999) <= MOST);
    assert.ok(waitBefore(attempt + 1, 0.5) >= waitBefore(attempt, 0.5));
  }
});

const lesson = (id, starts, minutes = 40, more = {}) => ({
  id, starts_at: starts, ends_at: starts + minutes * 60, lobby_at: starts - 300, state: "BOOKED", ...more,
});
const NONE = new Set();

test("a room waits, sees the lobby, the lesson and its tail, and waits again", () => {
  const day = [lesson("a", 10_000)];
  const phase = (now) => situation(day, now, NONE).phase;
  assert.equal(phase(9_699), "IDLE");
  assert.equal(phase(9_700), "LOBBY");
  assert.equal(phase(9_999.9), "LOBBY");
  assert.equal(phase(10_000), "LESSON");
  assert.equal(phase(12_400 + OVERTIME - 0.1), "LESSON");
  assert.equal(phase(12_400 + OVERTIME), "IDLE");
});

test("a lesson that begins ends the tail of the one before; a lobby does not", () => {
  const day = [lesson("a", 10_000), lesson("b", 12_400)];
  assert.equal(situation(day, 12_399, NONE).lesson.id, "a");
  assert.equal(situation(day, 12_400, NONE).lesson.id, "b");
  const later = [lesson("a", 10_000), lesson("b", 12_430)];
  assert.equal(situation(later, 12_420, NONE).lesson.id, "a");
  assert.deepEqual(situation(later, 12_430, NONE), { phase: "LESSON", lesson: later[1] });
});

test("what is over, cancelled or closed by the relay takes no room", () => {
  for (const state of ["ENDED", "ARCHIVED", "CANCELLED", "MISSED", "DRAFT", "PENDING"]) {
    assert.equal(situation([lesson("a", 10_000, 40, { state })], 10_100, NONE).phase, "IDLE", state);
  }
  const one = lesson("a", 10_000, 40, { state: "LIVE" });
  assert.equal(situation([one], 10_100, NONE).phase, "LESSON");
  assert.equal(situation([one], 10_100, new Set([keyOf(one)])).phase, "IDLE");
  const moved = { ...one, starts_at: 10_050 };
  assert.equal(situation([moved], 10_100, new Set([keyOf(one)])).phase, "LESSON");
});

test("the list of today begins with the next lesson and leaves out what is over", () => {
  const day = [lesson("c", 30_000), lesson("a", 10_000), lesson("b", 20_000, 40, { state: "CANCELLED" })];
  assert.deepEqual(upcoming(day, 12_400, NONE).map((one) => one.id), ["c"]);
  assert.deepEqual(upcoming(day, 0, NONE).map((one) => one.id), ["a", "c"]);
});

test("an interruption that lasts says what to do and whom to call", () => {
  const picture = new Interruption();
  assert.equal(picture.sentence(false, false, 100), "");
  assert.equal(picture.sentence(true, false, 100), "reconnecting");
  assert.equal(picture.sentence(true, true, 99 + CALL_AFTER), "host_lost");
  assert.equal(picture.sentence(true, false, 100 + CALL_AFTER), "reconnecting_long");
  assert.equal(picture.sentence(true, true, 100 + CALL_AFTER), "host_lost_long");
  assert.equal(picture.sentence(false, true, 101 + CALL_AFTER), "");
  assert.equal(picture.sentence(true, true, 102 + CALL_AFTER), "host_lost", "another one");
});

test("a countdown reads like a clock", () => {
  assert.equal(countdown(245.2), "4:06");
  assert.equal(countdown(3_845), "1:04:05");
  assert.equal(countdown(-3), "0:00");
});

test("the clock follows the server, and the PC's own clock no longer matters", () => {
  let wall = 500;
  let mono = 10;
  const clock = new ServerClock(() => wall, () => mono, 100);
  assert.equal(clock.now(), 600);
  clock.follow(1000, 0.4);
  assert.equal(clock.now(), 1000.2);
  wall = 90_000; // somebody sets the PC's clock
  mono = 15;
  assert.equal(clock.now(), 1005.2);
  assert.equal(clock.offset(), 1005.2 - 90_000);
});

test("three seconds without a frame are death only while somebody publishes", () => {
  const watchdog = new Watchdog(0);
  watchdog.observe(1, 0, false);
  assert.equal(watchdog.isDead(100), false);
  watchdog.observe(100, 0, true);
  assert.equal(watchdog.isDead(100 + FIRST_PICTURE_WITHIN - 0.1), false);
  assert.equal(watchdog.isDead(100 + FIRST_PICTURE_WITHIN), true);
  watchdog.observe(101, 5, true);
  assert.equal(watchdog.isDead(101 + STALLED_AFTER - 0.1), false);
  watchdog.observe(102, 5, true);
  assert.equal(watchdog.isDead(101 + STALLED_AFTER), true);
  watchdog.observe(104, 5, false); // the teacher went away: wait
  assert.equal(watchdog.isDead(200), false);
});

test("a path that is gone for three seconds is death, one that comes back is not", () => {
  const watchdog = new Watchdog(0);
  watchdog.path(1, "disconnected");
  watchdog.path(2, "disconnected");
  assert.equal(watchdog.isDead(3.9), false);
  assert.equal(watchdog.isDead(4), true);
  watchdog.path(4, "connected");
  assert.equal(watchdog.isDead(60), false);
});

test("frames count on over sources that begin at nought again", () => {
  const counter = new FrameCounter();
  assert.deepEqual([10, 25, 3, 8].map((shown) => counter.take(shown)), [10, 25, 28, 33]);
});

test("loudness is the root mean square", () => {
  assert.equal(rootMeanSquare(new Float32Array(0)), 0);
  assert.equal(rootMeanSquare(Float32Array.of(0.5, -0.5, 0.5, -0.5)), 0.5);
});

test("statistics are summed over the tracks of one direction", () => {
  const figures = figuresOf([
    { type: "inbound-rtp", kind: "video", framesDecoded: 7, frameWidth: 1280, frameHeight: 720, packetsLost: 2 },
    { type: "inbound-rtp", kind: "audio", audioLevel: 0.3, packetsLost: -1, totalAudioEnergy: 2, totalSamplesDuration: 8 },
    { type: "outbound-rtp", kind: "video", framesEncoded: 99 },
  ], "inbound-rtp");
  assert.deepEqual(figures, {
    framesDecoded: 7, width: 1280, height: 720, lost: 2, audioLevel: 0.3, energy: 2, seconds: 8,
  });
});

test("the host's list tells who is in, blind, deaf or out", () => {
  const legs = ["a", "b", "c", "d"].map((room_id) => ({ room_id, name: "一", school: room_id }));
  const peer = (room, more) => ({ subject: `room:${room}`, state: "CONNECTED", playing: true, muted: false, ...more });
  const rooms = classrooms(legs, [
    peer("a", { playing: false }), peer("a", {}), // its new connection beside the old one
    peer("b", { playing: false }),
    peer("c", { muted: true }),
    peer("d", { state: "SILENT" }),
  ]);
  assert.deepEqual(rooms.map((room) => room.state), ["in", "blind", "muted", "out"]);
  assert.deepEqual(worthShowing(rooms, 4), rooms);
  assert.deepEqual(worthShowing(rooms, 3).map((room) => room.state), ["blind", "muted", "out"]);
});

test("a code is renewed before it expires, and the old one still counts until then", () => {
  const pairing = (expires_at) => ({ id: String(expires_at), expires_at });
  assert.deepEqual(usablePairings([], 0), { alive: [], renew: true });
  assert.deepEqual(usablePairings([pairing(900)], 800), { alive: [pairing(900)], renew: false });
  assert.deepEqual(usablePairings([pairing(900)], 870), { alive: [pairing(900)], renew: true });
  assert.deepEqual(usablePairings([pairing(900), pairing(1800)], 900), { alive: [pairing(1800)], renew: false });
});

test("the relay's close codes mean different things to a lesson", () => {
  assert.deepEqual(
    [4410, 4409, 4401, 1006, 4400].map(endingOfClose),
    ["closed", "taken-over", "refused", "dead", "dead"],
  );
});

function attendance(outcomes, answers = [], relays = ["r1", "r2"]) {
  const log = [];
  let time = 0;
  const parts = {
    relays: () => relays.map((node) => ({ node, url: node })),
    now: () => time,
    ask: async (asked) => {
      const answered = answers.length > 1 ? answers.shift() : (answers[0] ?? []);
      return new Map(asked.map((relay, at) => [relay.url, answered[at] ?? NodeAnswer.EMPTY]));
    },
    random: () => 0,
    sleep: async (seconds) => {
      log.push(seconds);
      time += seconds;
    },
    onlost: () => log.push("lost"),
    onclosed: () => log.push("closed"),
    onrefused: () => log.push("refused"),
    ontakenover: () => log.push("taken-over"),
    join: async (relay, elsewhere) => {
      log.push(relay.node);
      const { fails, ends, pictured = false, asks = false } = outcomes.shift();
      if (fails) {
        throw Object.assign(new Error("no"), fails);
      }
      if (asks) {
        log.push(await elsewhere());
      }
      const left = () => log.push("left");
      return { ended: Promise.resolve(ends), leave: left, connected: () => pictured, pictured: () => pictured };
    },
  };
  return { attendance: new Attendance(parts), log };
}

test("an attendance holds a relay that died for a moment and then goes on to the next", async () => {
  const { EMPTY, SILENT } = NodeAnswer;
  const { attendance: one, log } = attendance(
    [{ ends: "dead", pictured: true }, { ends: "closed" }],
    [[EMPTY, EMPTY], [SILENT, EMPTY]],
  );
  await one.run();
  const waits = log.filter((entry) => typeof entry === "number");
  assert.deepEqual(log.filter((entry) => typeof entry === "string"), ["r1", "left", "lost", "r2", "left", "closed"]);
  const waited = waits.reduce((sum, wait) => sum + wait, 0);
  assert.ok(waited >= HOLD && waited < HOLD + 0.4, `${waits}`);
});

test("an attendance stays with a relay that is back in time, and leaves one that never worked", async () => {
  const { EMPTY, SILENT } = NodeAnswer;
  const back = attendance(
    [{ ends: "dead", pictured: true }, { ends: "closed" }],
    [[EMPTY, EMPTY], [SILENT, EMPTY], [EMPTY, EMPTY]],
  );
  await back.attendance.run();
  assert.deepEqual(back.log, ["r1", "left", "lost", 0.2, 0.3, "r1", "left", "closed"]);
  const never = attendance([{ fails: { status: 0 } }, { ends: "dead" }, { ends: "closed" }]);
  await never.attendance.run();
  assert.deepEqual(never.log, ["r1", "lost", 0.2, "r2", "left", "lost", 0.2, "r1", "left", "closed"]);
});

test("an attendance goes where the lesson is, and hears on any relay that it is over", async () => {
  const { EMPTY, SOURCE, CLOSED } = NodeAnswer;
  const { attendance: one, log } = attendance(
    [{ ends: "elsewhere", asks: true }, { fails: { status: 401 } }],
    [[EMPTY, EMPTY], [SOURCE], [EMPTY, SOURCE], [EMPTY, CLOSED]],
  );
  await one.run();
  assert.deepEqual(log, ["r1", true, "left", "lost", 0, "r2", "refused", 0.2, "closed"]);
});

test("an attendance that another window took over waits a minute", async () => {
  const { attendance: one, log } = attendance([{ ends: "taken-over", pictured: true }, { fails: { code: 4410 } }]);
  await one.run();
  assert.deepEqual(log, ["r1", "left", "taken-over", 60, "r1", "closed"]);
});

test("a relay that is alone is tried again, and left alone for as long as it asks, at most 8 s", async () => {
  const busy = { fails: { status: 503, retryAfter: 5 } };
  const lone = attendance([busy, { fails: { status: 503, retryAfter: 900 } }, { ends: "closed" }], [], ["r1"]);
  await lone.attendance.run();
  assert.deepEqual(lone.log.filter((entry) => typeof entry === "number"), [5, MOST]);
  const two = attendance([busy, { ends: "closed" }]);
  await two.attendance.run();
  assert.deepEqual(two.log, ["r1", "lost", 0.2, "r2", "left", "closed"], "the other may have room");
  const held = attendance([{ fails: { status: 409, retryAfter: 5 } }, { ends: "closed" }]);
  await held.attendance.run();
  assert.deepEqual(held.log, ["r1", "lost", 5, "r1", "left", "closed"], "a held slot is no reason to part");
});

const answersOf = (a, b, c = NodeAnswer.EMPTY) => new Map([["a", a], ["b", b], ["c", c]]);

function routeAt(home, lostAt = null) {
  const route = new Route();
  route.connected(home);
  if (lostAt !== null) {
    route.lost(lostAt);
  }
  return route;
}

test("the route is the one of media/client/route.py, case by case", () => {
  const { EMPTY, SILENT, SOURCE } = NodeAnswer;
  assert.equal(new Route().choose(answersOf(EMPTY, EMPTY), 0), "a");
  assert.equal(new Route().choose(answersOf(SILENT, EMPTY), 0), "b");
  assert.equal(new Route().choose(answersOf(SILENT, SILENT, SILENT), 0), null);
  for (const route of [new Route(), routeAt("a", 10), routeAt("b")]) {
    assert.equal(route.choose(answersOf(EMPTY, SOURCE, SOURCE), 10.1), "b");
  }
  const lost = routeAt("a", 10);
  assert.equal(lost.choose(answersOf(SILENT, EMPTY), 10.5), null);
  assert.equal(lost.choose(answersOf(EMPTY, EMPTY), 11.5), "a");
  assert.equal(lost.choose(answersOf(SILENT, EMPTY), 10 + HOLD), "b");
  lost.failed("a", 10.8);
  assert.equal(lost.choose(answersOf(EMPTY, EMPTY), 11), "a", "it is just starting again");
  const unfit = new Route();
  unfit.failed("a", 100);
  assert.equal(unfit.choose(answersOf(SOURCE, EMPTY), 100.1), "b");
  assert.equal(unfit.choose(answersOf(SOURCE, SILENT, SILENT), 100.1), "a");
  assert.equal(unfit.choose(answersOf(EMPTY, EMPTY), 100 + UNFIT), "a");
});

test("whoever notices first, host and rooms meet again", () => {
  const { EMPTY, SILENT, SOURCE } = NodeAnswer;
  for (const dead of ["a", "b", "c"]) {
    for (const back of [false, true]) {
      for (const late of [0.1, HOLD - 0.1, HOLD + 0.1, 60]) {
        const living = answersOf(EMPTY, EMPTY);
        living.set(dead, back ? EMPTY : SILENT);
        const host = routeAt(dead, 0);
        const place = host.choose(living, late) ?? host.choose(living, HOLD + late);
        living.set(place, SOURCE);
        for (const room of [new Route(), routeAt(dead, 0), routeAt("c")]) {
          assert.equal(room.choose(living, late), place);
        }
      }
    }
  }
});

test("a viewer without a picture asks other relays less and less often", () => {
  const missing = new MissingMediaWatch(0);
  const asked = [];
  for (let tenth = 0; tenth < 300; tenth += 1) {
    if (missing.discoveryIsDue(tenth / 10)) {
      asked.push(tenth / 10);
    }
  }
  const pauses = asked.slice(1).map((at, index) => Math.round((at - asked[index]) * 10) / 10);
  assert.equal(asked[0], MISSING_AFTER);
  assert.deepEqual(pauses.slice(0, PAUSES.length + 1), [...PAUSES, LONGEST_PAUSE]);
  missing.mediaCame(31);
  assert.equal(missing.discoveryIsDue(31 + MISSING_AFTER - 0.1), false);
  assert.equal(missing.discoveryIsDue(31 + MISSING_AFTER), true);
});

test("what a relay's answer says of a lesson", () => {
  const { SOURCE, EMPTY, SILENT, CLOSED } = NodeAnswer;
  const cases = [
    [200, '{"sources": {"main": true}}', SOURCE],
    [200, '{"sources": {"main": false, "screen": true}}', EMPTY],
    [200, "<html>please sign in to the network</html>", SILENT],
    [200, "[]", SILENT],
    [410, "", CLOSED],
    [401, "", EMPTY],
    [404, "", EMPTY],
    [502, "", SILENT],
  ];
  for (const [status, text, answer] of cases) {
    assert.equal(readAnswer(status, text), answer, `${status} ${text}`);
  }
});

test("a page renews itself only where no class loses anything", () => {
  const alone = { state: State.STANDBY, broken: false, newer: false, nextLessonIn: Infinity };
  const page = { ...alone, age: OLD + 1 };
  assert.equal(reloadIsDue(page), true);
  assert.equal(reloadIsDue({ ...page, age: OLD }), false);
  assert.equal(reloadIsDue({ ...page, nextLessonIn: QUIET }), false);
  assert.equal(reloadIsDue({ ...page, state: State.LOBBY }), false);
  for (const state of Object.values(State)) {
    assert.equal(reloadIsDue({ ...page, age: 0, broken: true, state }), state !== State.LIVE);
    const quiet = state === State.STANDBY || state === State.PAIRING;
    assert.equal(reloadIsDue({ ...page, age: 0, newer: true, state }), quiet);
    assert.equal(reloadIsDue({ ...page, age: 0, newer: true, state, nextLessonIn: QUIET }), false);
  }
});

test("a terminal without storage works until it is reloaded, and says so", () => {
  const store = new Store(null);
  assert.equal(store.durable, false);
  store.set("token", "t");
  assert.equal(store.get("token"), "t");
  store.remove("token");
  assert.equal(store.get("token"), null);
});

test("only what is news is written to the disk", () => {
  const written = [];
  const kept = new Map();
  const storage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => { kept.set(name, text); written.push(name); },
    removeItem: (name) => kept.delete(name),
  };
  new Store(storage).set("token", "t");
  new Store(storage).set("token", "t");
  assert.deepEqual(written, ["tongke.terminal.probe", "tongke.terminal.token"]);

  const lesson = { id: "a", starts_at: 5, tickets: { publish: null, view: "v1" } };
  const day = { server_time: 100, room: { name: "r" }, relays: [], lessons: [lesson] };
  assert.equal(isNews(null, day), true);
  const again = { ...lesson, tickets: { publish: null, view: "v2" } };
  assert.equal(isNews(day, { ...day, server_time: 160, lessons: [again] }), false);
  assert.equal(isNews(day, { ...day, server_time: 101 + TICKETS_GOOD_FOR }), true);
  const over = { ...lesson, tickets: { publish: null, view: null } };
  assert.equal(isNews(day, { ...day, lessons: [over] }), true);
  assert.equal(isNews(day, { ...day, lessons: [{ ...lesson, starts_at: 6 }] }), true);
  assert.equal(isNews(day, { ...day, lessons: [] }), true);
});

test("what was damaged on disk counts as absent", () => {
  const kept = new Map([["tongke.terminal.day", "{half"]]);
  const storage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => kept.set(name, text),
    removeItem: (name) => kept.delete(name),
  };
  const store = new Store(storage);
  assert.equal(store.durable, true);
  assert.equal(store.get("day"), null);
  store.set("day", { a: 1 });
  assert.deepEqual(new Store(storage).get("day"), { a: 1 });
});

test("each reason why there is no camera has its own code", () => {
  const some = { camera: true, microphone: true };
  assert.equal(faultOf("NotAllowedError", some), Fault.REFUSED);
  assert.equal(faultOf("NotReadableError", some), Fault.BUSY);
  assert.equal(faultOf("NotFoundError", { camera: false, microphone: true }), Fault.NO_CAMERA);
  assert.equal(faultOf("NotFoundError", { camera: true, microphone: false }), Fault.NO_MICROPHONE);
});

test("texts are filled by name, and a name without a value stays visible", () => {
  assert.equal(fill("%(a)s / %(b)s", { a: 1 }), "1 / %(b)s");
});

test("a session is found at its relay, also behind a proxy that the relay does not know of", () => {
  assert.equal(sessionUrl("http://r:1", "/sessions/x"), "http://r:1/sessions/x");
  assert.equal(sessionUrl("https://t/relay/n1", "/sessions/x"), "https://t/relay/n1/sessions/x");
  assert.equal(sessionUrl("https://t/relay/n1", "/relay/n1/sessions/x"), "https://t/relay/n1/sessions/x");
  assert.equal(sessionUrl("http://r:1", "http://other/s/x"), "http://other/s/x");
  assert.equal(stageUrl("https://t/relay/n1", "a b"), "wss://t/relay/n1/stages/a%20b");
});

test("the five sections of an offer stand in the relay's order", () => {
  assert.deepEqual(
    SLOT_SECTIONS.map((section) => `${section.kind} ${section.slot}`),
    ["audio main", "video main", "video screen", "audio guest", "video guest"],
  );
});

test("E.264 in packetization mode 1 is preferred, what cannot be decoded is left out", () => {
  const codec = (mimeType, sdpFmtpLine) => ({ mimeType, sdpFmtpLine });
  const vp8 = codec("video/VP8");
  const mode0 = codec("video/H264", "packetization-mode=0");
  const mode1 = codec("video/H264", "packetization-mode=1");
  const only = codec("video/H264", "packetization-mode=1;profile-level-id=f4");
  assert.deepEqual(preferH264([vp8, mode0, only, mode1], [mode1, vp8, mode0]), [mode1, mode0, vp8]);
});

test("a pause in what arrives restarts once, and silence that nobody fills never does", () => {
  const watch = new PauseWatch(0);
  const counts = [
    [100, 0, true], // nothing has come yet
    [100 + 2 * PAUSE, 0, true],
    [2000, 5, true],
    [2000 + PAUSE - 1, 5, true],
    [2000 + PAUSE, 5, true], // now
    [2000 + 3 * PAUSE, 5, true],
    [5000, 9, true],
    [5000 + 2 * PAUSE, 9, false],
    [5000 + 4 * PAUSE, 9, true],
    [9000, 12, true],
    [9000 + PAUSE, 12, true], // and now
  ];
  const restarts = counts.map((count) => watch.observe(...count));
  assert.deepEqual([...restarts.keys()].filter((place) => restarts[place]), [4, 10]);
});

test("a restart changes the credentials of every section and nothing else", () => {
  const answer = "v=0\r\nm=audio\r\na=ice-ufrag:old\r\na=ice-pwd:older\r\nm=video\r\na=ice-ufrag:old\r\n";
  const fragment = "a=ice-lite\r\na=ice-ufrag:new\r\na=ice-pwd:newer\r\n";
  const wanted = answer.replaceAll("ufrag:old", "ufrag:new").replace("older", "newer");
  assert.equal(restarted(answer, fragment), wanted);
});
