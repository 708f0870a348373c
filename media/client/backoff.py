"""How long to wait before the next try. Pure: the chance is an argument.

62 rooms lose a node in the same second; their tries must not come back in the same second.
"""

FIRST, LONGEST, SPREAD = 1.0, 8.0, 0.2


def delay(attempt: int, chance: float) -> float:
    """Return seconds before try number `attempt` (0 is the first after a loss).

    `chance` is uniform in [0, 1). The first wait is 0.2-1 s, doubling up to 1.6-8 s.
    """
    longest = min(LONGEST, FIRST * 2.0 ** min(attempt, 16))
    return longest * (SPREAD + (1 - SPREAD) * chance)
