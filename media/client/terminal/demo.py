"""Several headless terminals in one process.

`python -m media.client.terminal.demo --config FILE.json`

{"coordinator": URL, "clip_directory": DIR,
 "terminals": [{"name", "state_file", "token"?, "clip"?: "blue" | "amber"}, ...]}
"""

import argparse
import asyncio
import signal
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from media.client.terminal.terminal import TerminalSettings, run_terminal
from media.contract.model import StrictModel, first_fault


class DemoConfigError(ValueError):
    """the demo's configuration cannot be used; says which field"""


class _Terminal(StrictModel):
    name: str
    state_file: str
    token: str = ""
    clip: Literal["blue", "amber"] = "blue"  # the names of clip.VARIANTS


class _Config(StrictModel):
    coordinator: str
    clip_directory: str
    terminals: tuple[_Terminal, ...]


def parse_config(text: str) -> list[TerminalSettings]:
    """Return the terminals of a configuration; raise DemoConfigError naming the bad field."""
    try:
        config = _Config.model_validate_json(text)
    except ValidationError as error:
        raise DemoConfigError(f"demo configuration: {first_fault(error)}") from None
    return [
        TerminalSettings(
            coordinator=config.coordinator,
            state_file=Path(entry.state_file),
            clip_directory=Path(config.clip_directory),
            name=entry.name,
            token=entry.token,
            clip=entry.clip,
        )
        for entry in config.terminals
    ]


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
