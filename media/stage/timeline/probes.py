"""Packets of padding alone, by which a sender asks its path how much it carries: not forwarded."""

from collections import deque

from media.packets.sequence import sequence_distance


class Probes:
    """The numbers of a source's probes, as long as something may come late. `reach` is how far."""

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self._numbers: deque[int] = deque()

    def __bool__(self) -> bool:
        return bool(self._numbers)

    def add(self, number: int) -> None:
        self._numbers.append(number)

    def clear(self) -> None:
        self._numbers.clear()

    def forget(self, newest: int) -> None:
        """Forget those that nothing can lie behind any more.

        Their numbers come again after 65,536 packets, and must not be left out then.
        """
        while self._numbers and sequence_distance(self._numbers[0], newest) < -self._reach:
            self._numbers.popleft()

    def between(self, origin: int, ahead: int) -> int:
        """Return by how many places a packet `ahead` of the origin moves up (down, if behind)."""
        places = [sequence_distance(number, origin) for number in self._numbers]
        if ahead > 0:
            return sum(0 < place < ahead for place in places)
        return -sum(ahead < place <= 0 for place in places)
