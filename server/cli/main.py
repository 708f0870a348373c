"""The command `tongke`. Every error is a plain sentence and exit code 2, never a traceback."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from scheduler.kernel.errors import Refusal
from server import __version__
from server.cli import commands
from server.cli import relay as relay_commands
from server.cli.commands import CommandError
from server.config.loading import ConfigError
from server.demo.lessons import NoCast
from server.process.folder import FolderInUse
from server.process.keys import KeyFileError
from server.process.listening import CannotListen

if TYPE_CHECKING:
    Kinds = argparse._SubParsersAction[argparse.ArgumentParser]

EXPECTED = (
    ConfigError,
    KeyFileError,
    FolderInUse,
    CannotListen,
    CommandError,
    NoCast,
    Refusal,
    SQLAlchemyError,
    OSError,
)
"""What can go wrong without being our mistake; anything else is, and shows its traceback."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except KeyboardInterrupt:
        return 130
    except EXPECTED as error:
        for line in sentence(error).splitlines():
            print(f"tongke: {line}", file=sys.stderr)
        return 2


def sentence(error: Exception) -> str:
    """Return what an error says, a line for each mistake; a database's SQL stays out."""
    if isinstance(error, SQLAlchemyError):
        original = getattr(error, "orig", None) or error
        return f"the database refused: {str(original).splitlines()[0]}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tongke", description="同课 Tongke: one lesson, many schools."
    )
    parser.add_argument("--version", action="version", version=f"tongke {__version__}")
    parser.add_argument(
        "--config", type=Path, help="config.toml (default: $TONGKE_CONFIG, else ./config.toml)"
    )
    parser.set_defaults(command=commands.run, demo=None)
    kinds = parser.add_subparsers(metavar="COMMAND")
    _add_run(kinds)
    _add_init(kinds)
    _add_import(kinds)
    _add_terminal(kinds)
    _add_ticket(kinds)
    plain = {
        "migrate": (commands.migrate, "bring the database up to date and end"),
        "check-config": (commands.check_config, "say whether config.toml can be used"),
    }
    for name, (command, text) in plain.items():
        kinds.add_parser(name, help=text).set_defaults(command=command)
    _add_relay(kinds)
    return parser


def _add_run(kinds: "Kinds") -> None:
    run = kinds.add_parser("run", help="start the coordinator and its relay nodes (default)")
    demo = run.add_mutually_exclusive_group()
    text = "show the demo county when the database is empty, whatever config.toml says"
    demo.add_argument("--demo", action="store_true", default=None, help=text)
    text = "no demo, whatever config.toml says"
    demo.add_argument("--no-demo", dest="demo", action="store_false", help=text)
    run.set_defaults(command=commands.run)


def _add_init(kinds: "Kinds") -> None:
    text = "set a real county up: the county and its first administrator"
    init = kinds.add_parser("init", help=text)
    init.add_argument("--county-code", help="a short stable code, e.g. leizhou")
    init.add_argument("--county-name", help="e.g. 雷州市")
    init.add_argument("--name", help="the administrator's name")
    init.add_argument("--login", help="what the administrator signs in with")
    init.epilog = "The password is asked for, or taken from TONGKE_ADMIN_PASSWORD."
    init.set_defaults(command=commands.init)


def _add_import(kinds: "Kinds") -> None:
    text = "load a county from a TOML file: all of it or nothing"
    load = kinds.add_parser("import", help=text)
    load.add_argument("file", type=Path)
    load.set_defaults(command=commands.import_county)


def _add_relay(kinds: "Kinds") -> None:
    relay = kinds.add_parser("relay", help="ask the relay nodes").add_subparsers(required=True)
    status = relay.add_parser("status", help="every node, stage and viewer in figures")
    status.set_defaults(command=relay_commands.relay_status)
    text = "place no new lessons on a node; those that have begun stay"
    drain = relay.add_parser("drain", help=text)
    drain.add_argument("node", help="its id in config.toml, e.g. n1")
    drain.add_argument("--undo", action="store_true", help="place lessons on it again")
    drain.set_defaults(command=relay_commands.relay_drain)


def _add_ticket(kinds: "Kinds") -> None:
    text = "print addresses and tickets for a WHIP or WHEP client of another maker"
    ticket = kinds.add_parser("ticket", help=text)
    ticket.add_argument("lesson", help="its id: the end of the lesson page's address")
    ticket.set_defaults(command=relay_commands.ticket)


def _add_terminal(kinds: "Kinds") -> None:
    text = "be a classroom terminal without a screen (pairs by code, then joins by itself)"
    terminal = kinds.add_parser("terminal", help=text)
    terminal.add_argument("--coordinator", help="its address (default: server.public_url)")
    terminal.add_argument(
        "--state", type=Path, default=Path("terminal.json"), help="what it remembers (0600)"
    )
    terminal.add_argument("--name", default="terminal", help="how it calls itself in its output")
    terminal.set_defaults(command=commands.terminal)


if __name__ == "__main__":
    sys.exit(main())
