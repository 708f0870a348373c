"""Several headless terminals in one process.

`python -m media.client.terminal.demo --config FILE.json`

{"coordinator": URL, "clip_directory": DIR,
 "terminals": [{"name", "state_file", "token"?, "clip"?: "blue" | "amber"}, ...]}
"""

import argparse
import asyncio
import json
import signal
from pathlib import Path
from typing import Any

from media.client.clip.clip import VARIANTS
from media.client.terminal.terminal import TerminalSettings, run_terminal


class DemoConfigError(ValueError):
    """the demo's configuration cannot be used; says which entry"""


def parse_config(text: str) -> list[TerminalSettings]:
    """Return the terminals of a configuration; raise DemoConfigError naming the bad entry."""
    try:
        body = json.loads(text)
        coordinator, directory = str(body["coordinator"]), Path(body["clip_directory"])
        return [_settings(entry, coordinator, directory) for entry in body["terminals"]]
    except (ValueError, KeyError, TypeError) as error:
        raise DemoConfigError(f"demo configuration: {error!r}") from None


def _settings(entry: dict[str, Any], coordinator: str, directory: Path) -> TerminalSettings:
    clip = str(entry.get("clip", "blue"))
    if clip not in VARIANTS:
        raise ValueError(f"clip {clip!r} is none of {', '.join(VARIANTS)}")
    return TerminalSettings(
        coordinator=coordinator,
        state_file=Path(entry["state_file"]),
        clip_directory=directory,
        name=str(entry["name"]),
        token=str(entry.get("token", "")),
        clip=clip,
    )


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


async def run_demo(terminals: list[TerminalSettings]) -> None:
    """Run every terminal until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await asyncio.gather(*(run_terminal(settings, stop, say) for settings in terminals))


def main() -> None:
    """Read the configuration and run."""
    parser = argparse.ArgumentParser(prog="python -m media.client.terminal.demo")
    parser.add_argument("--config", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(run_demo(parse_config(arguments.config.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
