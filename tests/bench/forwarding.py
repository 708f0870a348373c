"""`python -m tests.bench.forwarding [name ...]`: CPU a forwarded packet, beside Debian's Janus.

All servers run in one run and take turns; 32 real ICE/DTLS viewers get the same packets of each,
ours through its ordinary WHIP and WHEP. Names: gcm300, gcm1500, cm300, cm1500 (AES-GCM-128 or
AES-CM, synthetic packets a second in frames of ten; the viewers stopped), gcmfilm (H.264 from a
real encoder) and gcm300reading; `gcm` or `cm` takes all of them. User and system time of the whole
server process, all its threads.

Janus runs as Debian ships it, a thread for each viewer; and, where `tuned`, another one with all
its viewers on one event loop, which is the cheapest way to run it that we found.
"""

import asyncio
import shutil
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tests.bench.report import Peer, line, note
from tests.bench.sources import BURST, PAYLOAD, PICTURE, Program, Send, frames_of_ten, picture_of
from tests.bench.subjects import Subject, janus, our_node
from tests.bench.windows import check_delivery, reading, stopped, taking_turns, windows

VIEWERS, TURNS = 32, 7
PROFILES = ("gcm", "cm")


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison; `rate` in packets a second, None for the film."""

    profile: str
    rate: int | None
    read: bool = False
    tuned: bool = False

    @property
    def name(self) -> str:
        return f"{self.profile}{self.rate or 'film'}{'reading' if self.read else ''}"

    @property
    def load(self) -> str:
        viewers = f"{VIEWERS} viewers {'reading' if self.read else 'stopped'}"
        packets = f"{self.rate} packets/s in frames of {BURST}, {PAYLOAD + 12} octets"
        return f"{self.profile.upper()}, {viewers}, {packets if self.rate else PICTURE}"

    def program(self, send: Send) -> Program:
        return frames_of_ten(send, self.rate) if self.rate else Program(picture_of(send))


CASES = [
    Case("gcm", 300, tuned=True),
    Case("gcm", 1500, tuned=True),
    Case("gcm", None),
    Case("gcm", 300, read=True),
    Case("cm", 300),
    Case("cm", 1500),
]


async def compare(case: Case, subjects: Sequence[Subject]) -> None:
    """Measure all in turn and print one line for each peer."""
    note(f"forwarding {case.name}")
    programs = [case.program(subject.send) for subject in subjects]
    for subject, program in zip(subjects, programs, strict=True):
        await check_delivery(subject, program)
    measure = reading if case.read else stopped
    costs = await taking_turns(windows(measure, subjects, programs), TURNS)
    ours, *others = [[cost.microseconds for cost in mine] for mine in costs]
    peers = [Peer(one.name, mine) for one, mine in zip(subjects[1:], others, strict=True)]
    for peer in peers or [None]:
        line("forward_cpu_per_packet", "us", ours, case.load, peer)


async def compare_all(profile: str, cases: Sequence[Case]) -> None:
    """Measure the cases of one profile, one after the other, on the same servers."""
    async with AsyncExitStack() as stack:
        subjects = [await stack.enter_async_context(our_node(profile, VIEWERS))]
        if shutil.which("janus"):
            subjects.append(await stack.enter_async_context(janus(profile, VIEWERS)))
            if any(case.tuned for case in cases):
                subjects.append(await stack.enter_async_context(janus(profile, VIEWERS, 1)))
        for case in cases:
            await compare(case, subjects if case.tuned else subjects[:2])


async def main(wanted: list[str]) -> None:
    """Measure and print what is wanted: everything, unless names are given."""
    if not shutil.which("janus"):
        note("janus is not here (apt-get install janus): no peer")
    chosen = [case for case in CASES if not wanted or {case.name, case.profile} & set(wanted)]
    for profile in PROFILES:
        if mine := [case for case in chosen if case.profile == profile]:
            await compare_all(profile, mine)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
