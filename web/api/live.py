"""Server-sent events: something changed, read the page again."""

import asyncio
import re

from aiohttp import web as http

from web.kit.problems import HttpProblem, status_text
from web.kit.services import services_of

TOPIC = re.compile(r"(lesson|room):[0-9a-f]{16}|\*")
MOST_TOPICS = 100
HEARTBEAT = 20.0
"""Seconds between comments, so that proxies keep the stream and dead readers are noticed."""


async def stream(request: http.Request) -> http.StreamResponse:
    """GET /api/v1/live?topics=lesson:<id>,room:<id> -> event "changed", its data the topic.

    "*" stands for everything. A message carries no facts, so nothing leaks to whoever listens.
    """
    topics = [topic for topic in request.query.get("topics", "").split(",") if topic]
    if not topics or len(topics) > MOST_TOPICS or not all(map(TOPIC.fullmatch, topics)):
        raise HttpProblem(422, "topics", status_text(422))
    response = http.StreamResponse(
        headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    await response.write(b"retry: 3000\n\n")
    news = services_of(request).live.listen(*topics)
    waiting = asyncio.ensure_future(anext(news))
    try:
        while True:
            done, _ = await asyncio.wait([waiting], timeout=HEARTBEAT)
            if not done:
                await response.write(b": still here\n\n")
                continue
            await response.write(f"event: changed\ndata: {waiting.result()}\n\n".encode())
            waiting = asyncio.ensure_future(anext(news))
    except ConnectionResetError:
        return response  # the reader left, which is how every stream ends
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await news.aclose()
