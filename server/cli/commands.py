"""What each command does. A command takes the parsed options and returns the exit code."""

import argparse
import asyncio
import getpass
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from scheduler.access.accounts import first_admin
from scheduler.exchange.imports.importer import ImportRefused, load_county, parse_county
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.migrations.run import newest, upgrade
from server import app
from server.config.loading import load_settings
from server.config.settings import Settings
from server.demo import county as demo
from server.process.folder import prepare_folder
from server.process.keys import open_keyring
from server.process.log import set_up_log

T = TypeVar("T")

CONFIG_VARIABLE, PASSWORD_VARIABLE = "TONGKE_CONFIG", "TONGKE_ADMIN_PASSWORD"


class CommandError(Exception):
    """this command cannot be carried out"""


def settings_of(options: argparse.Namespace) -> Settings:
    """Read config.toml: --config, else $TONGKE_CONFIG, else ./config.toml."""
    chosen: Path | None = options.config
    file = chosen or Path(os.environ.get(CONFIG_VARIABLE) or "config.toml")
    settings = load_settings(file)
    set_up_log(settings.log.level, settings.log.format)
    return settings


def run(options: argparse.Namespace) -> int:
    """Start the coordinator and stay until a signal."""
    settings = settings_of(options)
    if options.demo is not None:
        demo_settings = settings.demo.model_copy(update={"enabled": options.demo})
        settings = settings.model_copy(update={"demo": demo_settings})
    prepare = demo.Demo(settings).prepare if settings.demo.enabled else None
    return 0 if _in_loop(app.run(settings, prepare)) else 1


def init(options: argparse.Namespace) -> int:
    """Make the county and its first administrator."""
    settings = settings_of(options)
    code = options.county_code or _ask("County code (e.g. leizhou): ")
    county = options.county_name or _ask("County name (e.g. 雷州市): ")
    name = options.name or _ask("Administrator's name: ")
    login = options.login or _ask("Login: ")
    password = os.environ.get(PASSWORD_VARIABLE) or _ask_password()

    async def work(db: Database) -> None:
        if await demo.holds_demo(db, settings):
            raise CommandError(
                "the database holds the demo county: choose another data.directory and "
                "data.database_url for a real one"
            )
        await first_admin(db, system_clock(), code, name, login, password, county)

    asyncio.run(with_database(settings, work))
    print(f"{county}: {login} can sign in at {settings.server.public_url}/sign-in")
    return 0


def import_county(options: argparse.Namespace) -> int:
    """Load a county file; print every problem with its line and field."""
    settings = settings_of(options)
    try:
        plan = parse_county(options.file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise CommandError(f"{options.file}: not UTF-8") from None
    except ImportRefused as refused:
        for problem in refused.problems:
            print(f"{options.file}:{problem.line}: {problem.field}: {problem.message}")
        raise CommandError(f"nothing was loaded: {len(refused.problems)} problems") from None

    async def work(db: Database) -> None:
        seal = open_keyring(settings.data.directory / "keys").seal
        done = await load_county(db, system_clock(), plan, None, seal=seal)
        counts = f"{done.created} created, {done.updated} updated, {done.unchanged} unchanged"
        print(f"{done.county_name}: {counts}")

    asyncio.run(with_database(settings, work))
    return 0


def migrate(options: argparse.Namespace) -> int:
    """Bring the database up to date."""
    settings = settings_of(options)
    prepare_folder(settings.data.directory)
    before = asyncio.run(upgrade(settings.data.database_url))
    after = newest()
    print("the database is up to date" if before == after else f"{before or 'empty'} -> {after}")
    return 0


def check_config(options: argparse.Namespace) -> int:
    """Say whether config.toml can be used."""
    settings = settings_of(options)
    nodes = ", ".join(node.id for node in settings.relay.nodes)
    print(f"config.toml is fine: pages at {settings.server.public_url}, relay nodes {nodes}")
    return 0


def terminal(options: argparse.Namespace) -> int:
    """Be a terminal until a signal."""
    # Here, not above: the codecs take a second to load, and only this command needs them.
    from media.client.terminal.terminal import TerminalSettings, run_terminal

    coordinator = options.coordinator or settings_of(options).server.public_url
    state_file: Path = options.state
    settings = TerminalSettings(
        coordinator=coordinator.rstrip("/"),
        state_file=state_file,
        clip_directory=state_file.resolve().parent,
        name=options.name,
    )

    async def work() -> None:
        await run_terminal(settings, _stop_event())

    asyncio.run(work())
    return 0


async def with_database(settings: Settings, work: Any) -> None:
    """Run `work(db)` on the migrated database."""
    prepare_folder(settings.data.directory)
    await upgrade(settings.data.database_url)
    db = Database(settings.data.database_url)
    try:
        await work(db)
    finally:
        await db.close()


def _in_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _ask(question: str) -> str:
    if not sys.stdin.isatty():
        flag = question.partition(" (")[0].rstrip(": ").lower()
        raise CommandError(f"{flag} is missing, and there is nobody to ask (see tongke init -h)")
    answer = input(question).strip()
    return answer or _ask(question)


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise CommandError(f"no password: set {PASSWORD_VARIABLE}, or run this in a terminal")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Again: "):
        raise CommandError("the two passwords differ")
    return password
