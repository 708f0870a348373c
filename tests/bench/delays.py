"""From a publisher's log and a viewer's notes to the delay of each packet. Pure.

Sequences are 16 bits, times nanoseconds of one clock. A node numbers each viewer's stream anew;
how far it is shifted against the publisher's is found by the contents of decrypted packets.
"""

import statistics
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

Sent = Sequence[int]
"""Payload type, sequence, CRC-32 of the payload, when the kernel sent it."""

Proof = tuple[int, int, int]
"""Sequence, CRC-32 of the payload, when it came."""

BEFORE = 2_000_000_000
"""Nanoseconds before the first note in which a packet may have been sent that was noted."""

MOST = 0.9
"""Share of the proofs that must agree on a shift."""


@dataclass(slots=True)
class Notes:
    """Sequences and times of the packets of one stream."""

    sequences: "array[int]" = field(default_factory=lambda: array("H"))
    stamps: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, sequence: int, stamp: int) -> None:
        self.sequences.append(sequence)
        self.stamps.append(stamp)


def shift_of(proofs: Sequence[Proof], sent: Sequence[Sent], kind: int) -> int:
    """Return what is added to a publisher's sequence to get this viewer's, modulo 2^16.

    The film repeats itself, so the packet meant is the last one of its content that had been sent.
    """
    by_content: dict[int, list[tuple[int, int]]] = {}
    for payload_type, sequence, content, at in sent:
        if payload_type == kind:
            by_content.setdefault(content, []).append((at, sequence))
    votes: Counter[int] = Counter()
    for sequence, content, stamp in proofs:
        before = [known for known in by_content.get(content, []) if known[0] < stamp]
        if before:
            votes[(sequence - max(before)[1]) & 0xFFFF] += 1
    ((shift, count),) = votes.most_common(1)
    assert count >= MOST * votes.total(), f"the streams do not match: {votes.most_common(3)}"
    return shift


def delays(notes: Notes, sent: Sequence[Sent], kind: int, shift: int) -> tuple["array[int]", int]:
    """Return the delays of the packets in the notes, and how many there should have been.

    Counted are the packets that were sent from the first to the last one noted; a sequence noted
    twice counts once. Notes hold less than 2^16 packets.
    """
    first: dict[int, int] = {}
    for sequence, stamp in zip(notes.sequences, notes.stamps, strict=True):
        first.setdefault(sequence, stamp)
    begin, end = min(notes.stamps) - BEFORE, max(notes.stamps)
    sent_at = {
        (sequence + shift) & 0xFFFF: at
        for payload_type, sequence, _, at in sent
        if payload_type == kind and begin < at < end
    }
    found = array("q", [stamp - sent_at[sequence] for sequence, stamp in first.items()])
    times = [sent_at[sequence] for sequence in first]
    start, end = min(times), max(times)
    return found, sum(start <= at <= end for at in sent_at.values())


def summary(found: "array[int]", expected: int) -> dict[str, float]:
    """Return percentiles in milliseconds, how many packets were expected and how many lack."""
    cuts = statistics.quantiles(found, n=1000)
    return {
        "p50": cuts[499] / 1e6,
        "p99": cuts[989] / 1e6,
        "p999": cuts[998] / 1e6,
        "max": max(found) / 1e6,
        "expected": expected,
        "lost": expected - len(found),
    }
