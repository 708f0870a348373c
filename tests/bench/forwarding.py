"""`python -m tests.bench.forwarding [name ...]`: CPU a forwarded packet, beside Debian's Janus.

Both servers run in one run and take turns; the source is the same synthetic H.264 in frames of ten
packets to 32 real ICE/DTLS viewers. Names: gcm300, gcm1500, cm300, cm1500 (AES-GCM-128 or AES-CM,
packets a second; the viewers stopped) and gcm300reading; a part of a name takes all that begin
with it. User and system time of the whole server process, all its threads.
"""

import asyncio
import shutil
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tests.bench.report import Peer, line, note
from tests.bench.sources import BURST, PAYLOAD, Source, synthetic
from tests.bench.subjects import JANUS, janus, our_node
from tests.bench.windows import check_delivery, taking_turns

VIEWERS, TURNS = 32, 5


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison; `rate` in packets a second."""

    profile: str
    rate: int
    read: bool = False

    @property
    def name(self) -> str:
        return f"{self.profile}{self.rate}{'reading' if self.read else ''}"


CASES = [
    Case("gcm", 300),
    Case("gcm", 1500),
    Case("cm", 300),
    Case("cm", 1500),
    Case("gcm", 300, read=True),
]


async def compare(case: Case) -> None:
    """Measure ours and Janus in turn and print one line."""
    async with AsyncExitStack() as stack:
        subjects = [await stack.enter_async_context(our_node(case.profile, VIEWERS))]
        if shutil.which("janus"):
            subjects.append(await stack.enter_async_context(janus(case.profile, VIEWERS)))
        sources = [Source(one.send, synthetic(), case.rate / BURST) for one in subjects]
        for subject, source in zip(subjects, sources, strict=True):
            await check_delivery(subject, source)
        costs = await taking_turns(subjects, sources, TURNS, read=case.read)
    ours, *others = [[cost.microseconds for cost in mine] for mine in costs]
    line(
        "forward_cpu_per_packet",
        "us",
        ours,
        f"{case.profile.upper()}, {VIEWERS} viewers {'reading' if case.read else 'stopped'}, "
        f"{case.rate} packets/s in frames of {BURST}, {PAYLOAD + 12} octets",
        Peer(JANUS, others[0]) if others else None,
    )


async def main(wanted: list[str]) -> None:
    """Measure and print what is wanted: everything, unless names are given."""
    if not shutil.which("janus"):
        note("janus is not here (apt-get install janus): no peer")
    for case in CASES:
        if not wanted or any(case.name.startswith(name) for name in wanted):
            note(f"forwarding {case.name}")
            await compare(case)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
