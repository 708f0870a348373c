"""What a node writes of a lesson, as calls of a SpanBuilder: by hand, and made up by chance."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from scheduler.evidence.intervals import EVIDENCE_KINDS, Fact, NewFact
from scheduler.evidence.span_builder import SpanBuilder
from scheduler.evidence.tables import FactKind

T0 = 1_800_000_000.0
STAGE, ROOM, HOST = "lesson-1", "room:r1", "room:r0"

Call = Callable[[SpanBuilder], None]
Spans = dict[FactKind, list[tuple[float, float]]]


def read(calls: Iterable[Call], boot: str = "b1") -> list[NewFact]:
    builder = SpanBuilder()
    builder.node_started(boot, T0 - 100)
    for call in calls:
        call(builder)
    return builder.flush()


def evidence(facts: Iterable[NewFact]) -> Spans:
    found: Spans = {}
    for fact in facts:
        if fact.kind in EVIDENCE_KINDS:
            start, end = (t.timestamp() - T0 for t in (fact.starts_at, fact.ends_at))
            found.setdefault(fact.kind, []).append((round(start, 3), round(end, 3)))
    return found


def connected(peer: str = "p1", at: float = 0.0, subject: str = ROOM, role: str = "LEG") -> Call:
    return lambda b: b.peer_connected(peer, subject, role, STAGE, T0 + at)


def sample(at: float, heard: float, packets: int, peer: str = "p1") -> Call:
    return lambda b: b.sample(peer, T0 + at, T0 + heard, packets, packets * 1000)


def left(at: float, heard: float, peer: str = "p1") -> Call:
    return lambda b: b.peer_left(peer, T0 + at, T0 + heard, "gone")


def report(
    at: float, frames: int, level: float = 0.1, muted: bool = False, playing: bool = True
) -> Call:
    return lambda b: b.report(ROOM, STAGE, T0 + at, frames, level, muted, playing)


def as_facts(facts: Iterable[NewFact]) -> list[Fact]:
    return [Fact(f.kind, f.starts_at, f.ends_at, f.subject, f.role, f.data) for f in facts]


@dataclass
class World:
    """A made-up lesson as its node would write it down: (when, call) in order."""

    random: Random
    boot: int = 1
    records: list[Call] = field(default_factory=list)

    def play(self, seconds: int) -> None:
        random, peers, frames = self.random, {}, {"room:r1": 0, "room:r2": 0}
        now, number = T0, 0
        for _ in range(seconds):
            now += random.choice([1.0, 1.0, 1.0, 1.03, 0.97, 2.4, 4.5])
            roll = random.random()
            if roll < 0.15:
                number += 1
                self._connect(f"peer-{number}", random.choice(list(frames)), now, peers)
            elif roll < 0.22 and peers:
                self._leave(random.choice(list(peers)), now, peers)
            elif roll < 0.25:
                self.boot += 1
                peers.clear()
            for peer in peers:
                self._sample(peer, now, peers)
            for subject in frames:
                self._report(subject, now + 0.3, frames)

    def _note(self, at: float, call: Call) -> None:
        """Every record names its boot, and its reader looks (server/jobs/evidence.py)."""
        boot = f"boot-{self.boot}"

        def record(builder: SpanBuilder) -> None:
            builder.node_started(boot, at)
            call(builder)

        self.records.append(record)

    def _connect(self, peer: str, subject: str, at: float, peers: dict[str, list[float]]) -> None:
        peers[peer] = [at, 0]
        self._note(at, lambda b: b.peer_connected(peer, subject, "LEG", STAGE, at))

    def _leave(self, peer: str, at: float, peers: dict[str, list[float]]) -> None:
        heard = peers.pop(peer)[0]
        self._note(at, lambda b: b.peer_left(peer, at, heard, "gone"))

    def _sample(self, peer: str, at: float, peers: dict[str, list[float]]) -> None:
        state = peers[peer]
        state[0] = at - self.random.random() if self.random.random() < 0.8 else state[0]
        state[1] += self.random.choice([0, 50, 50, 50])
        heard, packets = state[0], int(state[1])
        self._note(at, lambda b: b.sample(peer, at, heard, packets, packets))

    def _report(self, subject: str, at: float, frames: dict[str, int]) -> None:
        random = self.random
        if random.random() < 0.15:
            return
        grown = frames[subject] + random.choice([0, 25, 25])
        frames[subject] = 3 if random.random() < 0.05 else grown
        total, level, muted = frames[subject], random.choice([0.0, 0.2]), random.random() < 0.1
        self._note(at, lambda b: b.report(subject, STAGE, at, total, level, muted))
