"""The live hub: who waits for news of a lesson or a room, inside this process.

A message carries nothing but the topic that changed: the listener reads the database again, so a
lost or doubled message costs a refresh and never a fact.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator

from scheduler.events.topics import Topic

EVERYTHING = None
"""Stands for every topic (overview pages)."""

Wanted = Topic | None


class LiveHub:
    """In-process publish and subscribe. Messages a slow listener has not read yet are merged."""

    def __init__(self) -> None:
        self._inboxes: dict[Wanted, set[_Inbox]] = defaultdict(set)

    def publish(self, topic: Topic) -> None:
        """Tell every listener of `topic`, and those of everything. Never blocks."""
        for inbox in self._inboxes.get(topic, set()) | self._inboxes.get(EVERYTHING, set()):
            inbox.put(topic)

    async def listen(self, *topics: Wanted) -> AsyncGenerator[Topic, None]:
        """Yield each topic that changed from now on, until the caller stops iterating."""
        inbox = _Inbox()
        for topic in topics:
            self._inboxes[topic].add(inbox)
        try:
            while True:
                yield await inbox.get()
        finally:
            self._forget(inbox, topics)

    def listeners(self) -> int:
        """Return how many listeners there are now."""
        return len(set().union(*self._inboxes.values())) if self._inboxes else 0

    def _forget(self, inbox: "_Inbox", topics: tuple[Wanted, ...]) -> None:
        for topic in topics:
            self._inboxes[topic].discard(inbox)
            if not self._inboxes[topic]:
                del self._inboxes[topic]


class _Inbox:
    """The changed topics of one listener, each at most once, in the order of their first news."""

    def __init__(self) -> None:
        self._pending: dict[Topic, None] = {}
        self._news = asyncio.Event()

    def put(self, topic: Topic) -> None:
        self._pending[topic] = None
        self._news.set()

    async def get(self) -> Topic:
        await self._news.wait()
        topic = next(iter(self._pending))
        del self._pending[topic]
        if not self._pending:
            self._news.clear()
        return topic
