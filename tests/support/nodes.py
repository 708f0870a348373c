"""Real relay nodes for tests: keys and settings of their own."""

from pathlib import Path

import aiohttp

from server.config.settings import ConfiguredNode
from server.process.keys import KeyRing, open_keyring
from server.relays.control import ControlClient
from server.relays.launch import Launch
from tests.support.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]


class NodeHouse:
    """A folder with keys and the settings of one node in it."""

    def __init__(self, folder: Path, name: str = "n1") -> None:
        (port,) = free_ports(1)
        self.folder = folder
        self.keys: KeyRing = open_keyring(folder / "keys")
        self.node = ConfiguredNode(id=name, http_port=port, udp_port=port)
        self.launch = Launch(
            data=folder / "nodes",
            keys_file=self.keys.public_file,
            secret_file=self.keys.secret_file,
            origins=("http://127.0.0.1:8700",),
            root=ROOT,
        )

    def client(self, http: aiohttp.ClientSession) -> ControlClient:
        return ControlClient(self.node.control, self.keys.node_secret, http)
