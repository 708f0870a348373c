"""`python -m media.node`: one relay node, from its start to its shutdown."""

import asyncio
import json
import logging
import os
import signal
import sys

import uvloop

from media import clock
from media.httpd.listening import HttpPort, bounds_for, raise_file_limit
from media.httpd.log_limit import set_up_log
from media.node.http.control import add_control
from media.node.http.endpoints import LIMITS, STAGE, make_app
from media.node.http.metrics import REGISTRY, add_metrics
from media.node.http.sources import add_sources
from media.node.http.stage_socket import stage_socket
from media.node.journal import JournalBusy
from media.node.node import RelayNode
from media.node.settings import NodeSettings, parse_settings
from media.node.telemetry.collector import collect_between_lessons, set_collector_thresholds
from media.node.telemetry.load import LOAD, Load, measure
from media.systemd import READY, STOPPING, keep_telling, notify


async def run(settings: NodeSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    node = RelayNode(settings)
    app = make_app(node)
    app[LOAD] = load = Load()
    app.router.add_get(f"/stages/{STAGE}", stage_socket)
    add_sources(app)
    add_control(app, settings.secret_file)
    add_metrics(app)
    bounds = bounds_for(settings.max_peers, raise_file_limit())
    http_server = HttpPort(app, app[REGISTRY], bounds, settings.trusted_proxies)
    http_port = await http_server.open(settings.http_host, settings.http_port)
    await node.start()
    set_collector_thresholds()
    beside = [
        asyncio.create_task(collect_between_lessons(node, app[LIMITS])),
        asyncio.create_task(measure(node, load)),
        asyncio.create_task(keep_telling()),
    ]
    _announce(node, http_port)
    notify(READY)
    await stopping.wait()
    notify(STOPPING)
    for task in beside:
        task.cancel()
    await node.stop()
    await http_server.close()


def _announce(node: RelayNode, http_port: int) -> None:
    """Print one line of JSON for the parent process: ready, and at which ports."""
    ready = {
        "event": "ready",
        "node": node.settings.node,
        "boot": node.boot,
        "http_port": http_port,
        "udp_port": node.port.port,
        "pid": os.getpid(),
    }
    print(json.dumps(ready), flush=True)


def main() -> int:
    """Return the exit status: 0 after a clean stop, 2 when it could not start."""
    settings = parse_settings(sys.argv[1:])
    set_up_log(clock.mono)
    settings.data.mkdir(parents=True, exist_ok=True)
    try:
        uvloop.run(run(settings))
    except (OSError, ValueError, JournalBusy) as error:
        logging.getLogger("media.node").error("cannot start: %s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
