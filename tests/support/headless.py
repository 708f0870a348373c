"""Headless terminals in the test's own process, and what they reported to a node."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from media.client.terminal.terminal import TerminalSettings, run_terminal
from tests.support.clips import clip, clip_folder
from tests.support.relay import RelayProcess
from tests.support.standstill import Stopwatch
from tests.support.timetable import one_lesson, serving


@asynccontextmanager
async def terminal(
    coordinator: str, folder: Path, name: str, token: str = ""
) -> AsyncIterator[list[str]]:
    """Run a headless terminal; yield the lines that it says."""
    clip()
    stop, said = asyncio.Event(), list[str]()
    settings = TerminalSettings(
        coordinator=coordinator,
        state_file=folder / f"{name}.json",
        clip_directory=clip_folder(),
        name=name,
        token=token,
    )
    task = asyncio.create_task(run_terminal(settings, stop, said.append))
    try:
        yield said
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def until_frames(
    relay: RelayProcess, http: aiohttp.ClientSession, subject: str, frames: int, seconds: float
) -> float:
    """Wait until a subject has reported so many frames to this run of the node; return when."""
    watch = Stopwatch()
    while not watch.is_over(seconds):
        for record in await relay.records(http):
            if (
                (record["kind"], record["subject"]) == ("report", subject)
                and record["boot"] == relay.boot
                and record["data"]["frames"] >= frames
            ):
                return float(record["wall"])
        await asyncio.sleep(0.2)
    raise AssertionError(f"{subject} reported no {frames} frames within {seconds} s")


@asynccontextmanager
async def lesson_on(
    nodes: Sequence[RelayProcess], http: aiohttp.ClientSession, folder: Path
) -> AsyncIterator[None]:
    """A lesson of the terminals "host" and "a", which has seen it begin on the first node."""
    async with (
        serving(one_lesson(nodes, "a")) as url,
        terminal(url, folder, "host", "host"),
        terminal(url, folder, "a", "a"),
    ):
        await until_frames(nodes[0], http, "room:a", 20, 15)
        yield
