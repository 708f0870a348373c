"""`python -m tests.fuzz --count N --seed S [target ...]`: spoiled inputs against our parsers.

Targets: stun, rtp, rtcp, vp8, sdp, sdpfrag, tickets, messages, forwarded (all of them without an
argument), each with `--count` inputs; `live` sends so many datagrams and requests to a relay node
that carries a lesson. One JSON object a line; the exit status is 1 when something was found.
"""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict

from tests.fuzz.live import besiege
from tests.fuzz.packets import PACKETS
from tests.fuzz.target import Finding, fuzz
from tests.fuzz.texts import TEXTS

TARGETS = {**PACKETS, **TEXTS}
LIVE = "live"


def run(name: str, count: int, seed: int) -> bool:
    """Fuzz one target, print its figures or its finding, and return whether it stood."""
    try:
        figures = (
            asyncio.run(besiege(count, seed))
            if name == LIVE
            else asdict(fuzz(TARGETS[name], count, seed))
        )
    except Finding as finding:
        print(json.dumps({"target": name, "seed": seed, "finding": str(finding)}), flush=True)
        return False
    print(json.dumps({"target": name, "seed": seed, **figures}), flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="inputs for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, LIVE, []], metavar="target")
    given = parser.parse_args()
    stood = [run(name, given.count, given.seed) for name in given.targets or TARGETS]
    return 0 if all(stood) else 1


if __name__ == "__main__":
    sys.exit(main())
