"""Server-sent events: something changed, read the page again."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from aiohttp import web as http
from aiohttp_sse import EventSourceResponse, sse_response

from scheduler.events.topics import Topic, parse_topic
from web.kit.live import EVERYTHING, Wanted
from web.kit.problems import HttpProblem, status_text
from web.kit.services import services_of

TOPIC = re.compile(r"(lesson|room):[0-9a-f]{16}|\*")
MOST_TOPICS = 100
HEARTBEAT = 20.0
"""Seconds between comments, so that proxies keep the stream and dead readers are noticed."""

RETRY = b"retry: 3000\n\n"
"""Milliseconds until a browser tries again after a loss."""


async def stream(request: http.Request) -> http.StreamResponse:
    """GET /api/v1/live?topics=lesson:<id>,room:<id> -> event "changed", its data the topic.

    "*" stands for everything. A message carries no facts, so nothing leaks to whoever listens.
    """
    topics = [topic for topic in request.query.get("topics", "").split(",") if topic]
    if not topics or len(topics) > MOST_TOPICS or not all(map(TOPIC.fullmatch, topics)):
        raise HttpProblem(422, "topics", status_text(422))
    news = services_of(request).live.listen(*map(_wanted, topics))
    async with sse_response(request, sep="\n", ping_interval=HEARTBEAT) as response:
        await response.write(RETRY)
        pushing = asyncio.create_task(_push(news, response))
        try:
            await response.wait()  # until the reader leaves, which is how every stream ends
        finally:
            pushing.cancel()
            with suppress(asyncio.CancelledError, ConnectionResetError, TimeoutError):
                await pushing
    return response


async def _push(news: AsyncGenerator[Topic, None], response: EventSourceResponse) -> None:
    """Send the news until there is nobody to send them to."""
    try:
        async with aclosing(news):
            async for topic in news:
                await response.send(str(topic), event="changed")
    finally:
        response.stop_streaming()


def _wanted(topic: str) -> Wanted:
    return EVERYTHING if topic == "*" else parse_topic(topic)
