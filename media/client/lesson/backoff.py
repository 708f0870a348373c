"""How long to wait before the next try. Pure: the chance is an argument.

62 rooms lose a node in the same second; their tries must not come back in the same second. The
first waits are short, because a node that died is back within seconds and a class is waiting; only
then they double. web/static/js/terminal/backoff.js does the same.
"""

FIRST, LONGEST, SPREAD = 1.0, 8.0, 0.2

SHORT_ONES = 6
"""Waits before they grow: as many as a node's restart takes on a machine that is busy."""


def delay(attempt: int, chance: float) -> float:
    """Return seconds before try number `attempt` (0 is the first after a loss).

    `chance` is uniform in [0, 1). The first SHORT_ONES waits are 0.2-1 s, doubling then up to
    1.6-8 s.
    """
    doublings = min(max(0, attempt + 1 - SHORT_ONES), 16)
    longest = min(LONGEST, FIRST * 2.0**doublings)
    return longest * (SPREAD + (1 - SPREAD) * chance)
