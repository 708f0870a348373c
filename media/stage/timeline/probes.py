"""Packets of padding alone, by which a sender asks its path how much it carries: not forwarded."""

from collections import deque


class Probes:
    """The numbers (unwrapped) of a source's probes, as long as something may come late before them.

    `reach` is how far a packet may be late.
    """

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
        """Forget those that nothing can lie behind any more."""
        while self._numbers and self._numbers[0] < newest - self._reach:
            self._numbers.popleft()

    def between(self, origin: int, ahead: int) -> int:
        """Return by how many places a packet `ahead` of the origin moves up (down, if behind)."""
        places = [number - origin for number in self._numbers]
        if ahead > 0:
            return sum(0 < place < ahead for place in places)
        return -sum(ahead < place <= 0 for place in places)
