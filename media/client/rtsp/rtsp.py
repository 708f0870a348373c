"""Publishes a recording host into a lesson: `python -m media.client.rtsp --config FILE` (or `-`).

The configuration, a private file or stdin because it holds a password and a ticket, is
{"source": "rtsp://user:password@host/path", "stage", "ticket", "nodes": [URL, ...], "ca_file"?},
the last for certificates of rtsps:// that the system does not trust.
The process ends by itself when the lesson is closed or a newer puller takes its address, and at
SIGTERM.
"""

import argparse
import asyncio
import json
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from media.client.lesson.attend import ENDS, Attendance, attend
from media.client.lesson.retries import Outcome
from media.client.rtsp.feed import Feed
from media.client.rtsp.pull import Puller, Unit, masked
from media.client.session.address import StageAddress
from media.client.session.publisher import ProgramPublisher

STOP_WITHIN = 2.5
"""Seconds at most until the host has answered TEARDOWN; our coordinator waits for twice that."""

MEMORY = 512 << 20
"""Bytes that this process may take. It needs a fifth of them; libav would take what a host says
that it is going to send, two gigabytes of description for instance."""


class SourceConfigError(ValueError):
    """the configuration cannot be used; never says what it holds"""


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """`source` with its password, the addresses where the lesson may be, in order, and a file of
    certificates or ""."""

    source: str = field(repr=False)
    addresses: tuple[StageAddress, ...] = field(repr=False)
    ca_file: str = ""


def parse_config(text: str) -> SourceConfig:
    """Return the configuration; raise SourceConfigError naming what is wrong with it."""
    try:
        body = json.loads(text)
        stage, ticket = str(body["stage"]), str(body["ticket"])
        nodes = [str(node).rstrip("/") for node in body["nodes"]]
        source, ca_file = str(body["source"]), str(body.get("ca_file") or "")
    except KeyError as error:
        raise SourceConfigError(f"the configuration has no {error}") from None
    except (ValueError, TypeError):
        raise SourceConfigError("the configuration is not the JSON it should be") from None
    if not nodes:
        raise SourceConfigError("the configuration names no node")
    return SourceConfig(source, tuple(StageAddress(node, stage, ticket) for node in nodes), ca_file)


async def publish(config: SourceConfig, stop: asyncio.Event, say: Callable[[str], None]) -> Outcome:
    """Pull the host and publish it until the lesson is closed, another process publishes it, or
    `stop` is set.

    Raises ValueError for an address that is no RTSP.
    """
    loop = asyncio.get_running_loop()
    feed = Feed(loop.time)

    def on_unit(unit: Unit) -> None:
        loop.call_soon_threadsafe(feed.take, unit)

    def on_end() -> None:
        loop.call_soon_threadsafe(stop.set)

    puller = Puller(config.source, on_unit, say, loop.time, on_end, config.ca_file)
    puller.start()
    try:
        async with aiohttp.ClientSession() as http:
            return await attend(
                http,
                lambda: config.addresses,
                lambda address: ProgramPublisher(http, address, feed.program()),
                stop,
                Attendance(),
                ENDS | {Outcome.TAKEN_OVER},
            )
    finally:
        await asyncio.to_thread(puller.end, STOP_WITHIN)


async def _run(config: SourceConfig, name: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    outcome = await publish(config, stop, lambda text: say(f"{name}: {text}"))
    say(f"{name}: ended ({outcome.value})")


def say(text: str) -> None:
    """Print a line at once, also into a file."""
    print(text, flush=True)


def _bound_memory() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def main() -> None:
    """Read the configuration and run."""
    _bound_memory()
    parser = argparse.ArgumentParser(prog="python -m media.client.rtsp")
    parser.add_argument("--config", required=True, help="a private file, or - for stdin")
    parser.add_argument("--name", default="", help="what the lines of the log begin with")
    parser.add_argument("--mark", help="tells this process from others; we do nothing with it")
    given = parser.parse_args()
    text = sys.stdin.read() if given.config == "-" else Path(given.config).read_text("utf-8")
    try:
        config = parse_config(text)
        asyncio.run(_run(config, given.name or masked(config.source)))
    except ValueError as error:
        parser.error(str(error))
