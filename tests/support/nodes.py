"""Real relay nodes for tests: free ports, keys of their own, and an end."""

import socket
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from server.config.settings import NodeSettings
from server.process.keys import KeyRing, open_keyring
from server.relays.control import ControlClient
from server.relays.launch import Launch

ROOT = Path(__file__).resolve().parents[2]


def free_ports(count: int) -> Sequence[int]:
    """Return ports that nobody uses, neither for TCP nor for UDP; all distinct."""
    held: list[socket.socket] = []
    ports: list[int] = []
    try:
        while len(ports) < count:
            tcp = socket.create_server(("127.0.0.1", 0))
            held.append(tcp)
            port = tcp.getsockname()[1]
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            held.append(udp)
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            ports.append(port)
    finally:
        for one in held:
            one.close()
    return ports


class NodeHouse:
    """A folder with keys and the settings of one node in it."""

    def __init__(self, folder: Path, name: str = "n1") -> None:
        (port,) = free_ports(1)
        self.folder = folder
        self.keys: KeyRing = open_keyring(folder / "keys")
        self.node = NodeSettings(name, http_port=port, udp_port=port)
        self.launch = Launch(
            data=folder / "nodes",
            keys_file=self.keys.public_file,
            secret_file=self.keys.secret_file,
            origins=("http://127.0.0.1:8700",),
            root=ROOT,
        )

    def client(self, http: aiohttp.ClientSession) -> ControlClient:
        return ControlClient(self.node.control, self.keys.node_secret, http)
