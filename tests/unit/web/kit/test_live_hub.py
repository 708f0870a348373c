"""The live hub: every listener hears what it asked for, once, and is forgotten when it leaves."""

import asyncio

from scheduler.events.topics import lesson_topic, room_topic
from web.kit.live import EVERYTHING, LiveHub


async def _next(listener: object) -> str:
    return await asyncio.wait_for(anext(listener), 1)  # type: ignore[call-overload]


async def _begin(listener: object) -> "asyncio.Task[str]":
    """Start listening: a generator subscribes when it is first asked."""
    task = asyncio.ensure_future(_next(listener))
    for _ in range(3):
        await asyncio.sleep(0)
    return task


async def test_a_listener_gets_its_topics_only() -> None:
    hub = LiveHub()
    first = await _begin(listener := hub.listen(lesson_topic("a"), room_topic("b")))
    hub.publish(lesson_topic("other"))
    hub.publish(room_topic("b"))
    assert await first == room_topic("b")
    hub.publish(lesson_topic("a"))
    assert await _next(listener) == lesson_topic("a")


async def test_a_listener_of_everything_gets_every_topic() -> None:
    hub = LiveHub()
    first = await _begin(hub.listen(EVERYTHING))
    hub.publish(lesson_topic("a"))
    assert await first == lesson_topic("a")


async def test_a_slow_listener_gets_each_topic_once() -> None:
    hub = LiveHub()
    first = await _begin(listener := hub.listen(lesson_topic("a"), lesson_topic("b")))
    for _ in range(100):
        hub.publish(lesson_topic("a"))
    hub.publish(lesson_topic("b"))
    assert [await first, await _next(listener)] == [lesson_topic("a"), lesson_topic("b")]
    waiting = await _begin(listener)
    assert not waiting.done()
    waiting.cancel()


async def test_a_listener_that_leaves_is_forgotten() -> None:
    hub = LiveHub()
    first = await _begin(listener := hub.listen(lesson_topic("a"), lesson_topic("b")))
    assert hub.listeners() == 1
    hub.publish(lesson_topic("a"))
    await first
    await listener.aclose()
    assert hub.listeners() == 0
