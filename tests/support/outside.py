"""Relay nodes that nobody starts again, as on other machines (relay.spawn = false)."""

import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

from server.config.settings import ConfiguredNode
from server.process.keys import open_keyring
from server.relays.launch import Launch
from tests.support.coordinator import CoordinatorProcess
from tests.support.nodes import ROOT

PICTURE_WITHIN = 12.0
"""Seconds from the end of a node to a picture from the other one, on a busy machine."""


class OutsideNodes:
    """The nodes of a product, by number from 1, started by hand with its keys."""

    def __init__(self, product: CoordinatorProcess, data: Path) -> None:
        self._product, self._data = product, data
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, number: int) -> None:
        """Start one; the product has made its keys already."""
        keys = open_keyring(self._product.folder / "data/keys")
        port = self._product.node_ports[number - 1]
        settings = ConfiguredNode(id=f"n{number}", http_port=port, udp_port=port)
        launch = Launch(
            data=self._data,
            keys_file=keys.public_file,
            secret_file=keys.secret_file,
            origins=(self._product.url,),
            root=ROOT,
        )
        self._data.mkdir(exist_ok=True)
        with (self._data / f"{settings.id}.log").open("ab") as log:
            self._running[number] = subprocess.Popen(
                list(launch.command(settings)), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
            )

    def home_of(self, lesson: str) -> tuple[int, int]:
        """Return the node that carries a lesson, and the other one of the two."""
        query = "SELECT node_id FROM placement WHERE lesson_id = ?"
        ((home,),) = self._product.rows(query, lesson)
        return (1, 2) if home == "n1" else (2, 1)

    def kill(self, number: int) -> None:
        """End one at once, as a power cut would."""
        process = self._running.pop(number)
        process.kill()
        process.wait()

    def end(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(10)


OutsideProduct = tuple[CoordinatorProcess, OutsideNodes, ZoneInfo]
"""A product, its nodes and the zone of its county."""
