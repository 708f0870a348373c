"""The composition root: the one place where every part is made and introduced to the others."""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from media.systemd import READY, STOPPING, keep_telling, notify
from scheduler.events.waking import Waking
from scheduler.kernel.clock import Clock, system_clock
from scheduler.kernel.database import Database
from scheduler.organisation.sources import seal_plain_sources
from server.config.settings import ConfiguredNode, Settings
from server.config.translation import policy_of, relays_of, timing_of, web_settings_of
from server.jobs.alarms import AlarmClock
from server.jobs.background import Background
from server.jobs.events import News, OrderWriter, follow
from server.jobs.figures import keep_figures
from server.jobs.journal import JournalReader
from server.jobs.presence import PresenceWatch
from server.jobs.recording_hosts import HostFolder, RecordingHosts
from server.process.ending import begin_deadline, end_part
from server.process.folder import only_coordinator
from server.process.health import add_health
from server.process.keys import KeyRing, open_keyring
from server.process.listening import bind, guarded_port
from server.process.migrating import migrated
from server.relays.control import ControlClient
from server.relays.delivery import OrderDelivery
from server.relays.launch import launch_of
from server.relays.nodes import ConfiguredNodes
from server.relays.order_file import take_over_orders
from server.relays.placement import NodePlacement
from server.relays.register import NodeRegister
from server.relays.supervision import NodeSupervisor
from server.relays.tickets import TicketSigner
from server.relays.vitals import vitals_of
from web.app import make_app
from web.kit.live import LiveHub
from web.kit.services import DemoAccount, Services

LOG = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds our packages; children import from it too."""


@dataclass(frozen=True, slots=True)
class Coordinator:
    """A running coordinator, for what works inside it (the demo)."""

    settings: Settings
    services: Services
    background: Background
    stack: AsyncExitStack


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What to do besides running: accounts to print on the sign-in page, work after the start."""

    demo_accounts: Sequence[DemoAccount] = ()
    after_start: Callable[[Coordinator], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that is made before anything runs."""

    db: Database
    clock: Clock
    clients: Mapping[str, ControlClient]
    supervisors: Sequence[NodeSupervisor]
    alarms: AlarmClock
    delivery: OrderDelivery
    services: Services


async def run(
    settings: Settings, prepare: Callable[[Database], Awaitable[DemoPlan]] | None = None
) -> bool:
    """Run the coordinator until a signal; return whether it ended well.

    `prepare` works on the migrated database before anything else. Raises FolderInUse,
    KeyFileError or CannotListen before anything was started.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with only_coordinator(settings.data.directory):
        keys = open_keyring(settings.data.directory / "keys")
        with bind(settings.server) as listener:
            if not await migrated(settings.data.database_url, stop):
                return True
            async with _running(settings, keys, listener, stop, prepare) as coordinator:
                await stop.wait()
                LOG.info("ending: pages first, relay nodes last")
                notify(STOPPING)
                begin_deadline()
    return not coordinator.background.failed


@asynccontextmanager
async def _running(
    settings: Settings,
    keys: KeyRing,
    listener: socket.socket,
    stop: asyncio.Event,
    prepare: Callable[[Database], Awaitable[DemoPlan]] | None,
) -> AsyncIterator[Coordinator]:
    """Make and start everything; the end goes backwards."""
    async with AsyncExitStack() as stack:
        db = Database(settings.data.database_url)
        stack.push_async_callback(end_part, "the database", db.close)
        await seal_plain_sources(db, keys.seal)
        plan = await prepare(db) if prepare else DemoPlan()
        client = await stack.enter_async_context(aiohttp.ClientSession())
        parts = _make(settings, keys, db, client, plan)
        background = Background(stop)
        stack.push_async_callback(_end_nodes, parts.supervisors, background)
        hosts = _recording_hosts(settings, keys, parts)
        stack.push_async_callback(_end_hosts, hosts, background)
        stack.push_async_callback(end_part, "work in the background", background.end)
        for supervisor in parts.supervisors:
            background.start(f"supervision of {supervisor.node.id}", supervisor.run())
        _read_journals(parts, background)
        await _read_events(parts, settings, background)
        await parts.alarms.start()
        stack.callback(parts.alarms.stop)
        background.start("recording hosts", hosts.run())
        await _serve(stack, parts.services, listener)
        background.start("watchdog", keep_telling())
        notify(READY)
        LOG.info("the pages are at %s", settings.server.public_url)
        coordinator = Coordinator(settings, parts.services, background, stack)
        if plan.after_start is not None:
            await plan.after_start(coordinator)
        yield coordinator


def _make(
    settings: Settings, keys: KeyRing, db: Database, client: aiohttp.ClientSession, plan: DemoPlan
) -> Parts:
    clock, nodes = system_clock, settings.relay.nodes
    clients = {node.id: ControlClient(node.control, keys.node_secret, client) for node in nodes}
    delivery = OrderDelivery(db, clock, clients)
    timing = timing_of(settings.lessons)
    alarms = AlarmClock(db, clock, timing, settings.lessons.reconcile_seconds)
    register = NodeRegister(db, clock, {node.id: node for node in nodes}, delivery)
    supervisors = _supervisors(settings, keys, clients, register)
    relays = relays_of(settings.relay)
    services = Services(
        db=db,
        clock=clock,
        tickets=TicketSigner(keys.signing, relays),
        relay=ConfiguredNodes(nodes, clients),
        placement=NodePlacement(db, clock, timing, relays, vitals_of(supervisors)),
        live=LiveHub(),
        settings=web_settings_of(settings, plan.demo_accounts),
        policy=policy_of(settings.attendance),
        timing=timing,
        seal=keys.seal,
    )
    return Parts(db, clock, clients, supervisors, alarms, delivery, services)


def _supervisors(
    settings: Settings,
    keys: KeyRing,
    clients: Mapping[str, ControlClient],
    register: NodeRegister,
) -> list[NodeSupervisor]:
    relay, launch = settings.relay, launch_of(settings, keys, ROOT)

    def supervisor(node: ConfiguredNode) -> NodeSupervisor:
        ours = launch if relay.spawn and node.spawn else None
        return NodeSupervisor(node, clients[node.id], ours, register.node_ready)

    return [supervisor(node) for node in relay.nodes]


async def _end_nodes(supervisors: Sequence[NodeSupervisor], background: Background) -> None:
    """End the nodes when we were asked to end. After a fault of ours lessons go on without us."""
    if background.failed:
        LOG.critical("the relay nodes keep running: start again, and they are adopted")
        return
    await asyncio.gather(*(supervisor.end() for supervisor in supervisors))


def _recording_hosts(settings: Settings, keys: KeyRing, parts: Parts) -> RecordingHosts:
    services, folder = parts.services, settings.data.directory / "hosts"
    return RecordingHosts(
        parts.db,
        services.tickets,
        services.placement,
        services.timing,
        {node.id: node.control for node in settings.relay.nodes},
        keys.seal,
        HostFolder(folder),
        ROOT,
    )


async def _end_hosts(hosts: RecordingHosts, background: Background) -> None:
    if not background.failed:  # after a fault of ours lessons go on without us
        await hosts.end()


def _read_journals(parts: Parts, background: Background) -> None:
    services, clients = parts.services, parts.clients
    watch = PresenceWatch(clients.values(), parts.db, parts.clock, services.timing)
    for node_id, client in clients.items():
        reader = JournalReader(node_id, client, parts.db)
        background.start(f"journal of {node_id}", reader.run())
    background.start("presence of classes", watch.run())
    figures = keep_figures(parts.db, parts.clock, services.policy)
    background.start("figures of past lessons", figures)


async def _read_events(parts: Parts, settings: Settings, background: Background) -> None:
    """Let everything follow that events ask for."""
    db, waking = parts.db, Waking(parts.db)
    await take_over_orders(db, settings.data.directory / "orders.json")
    orders = OrderWriter(db, [node.id for node in settings.relay.nodes], parts.delivery)
    news = News(db, parts.services.live, parts.alarms.ring)
    await news.begin()
    background.start("wake-ups", waking.listen())
    background.start("orders to relay nodes", follow("orders", orders.step, waking))
    background.start("delivery of orders", parts.delivery.run())
    background.start("news of lessons", follow("news", news.step, waking))


async def _serve(stack: AsyncExitStack, services: Services, listener: socket.socket) -> None:
    app = make_app(services)
    add_health(app, services)
    port = guarded_port(app, services.settings.trust_proxy)
    await port.open_on(listener)
    stack.push_async_callback(port.close)
