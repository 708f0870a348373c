"""The command line with which the coordinator starts a relay node."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from server.config.settings import ConfiguredNode, Settings
from server.config.translation import origins_of
from server.process.files import write_whole
from server.process.keys import KeyRing


@dataclass(frozen=True, slots=True)
class Launch:
    """What a node's command line needs besides its own settings."""

    data: Path  # the folder of all nodes
    keys_file: Path
    secret_file: Path
    origins: tuple[str, ...]
    root: Path
    trusted_proxies: tuple[str, ...] = ()

    def turn_file(self, node: ConfiguredNode) -> Path:
        """Where the node reads its TURN servers: credentials have no place on a command line."""
        return self.data / node.id / "turn"

    def prepare(self, node: ConfiguredNode) -> None:
        """Write what the command line names."""
        file = self.turn_file(node)
        file.unlink(missing_ok=True)
        if node.turn:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(file, "".join(f"{server}\n" for server in node.turn))

    def command(self, node: ConfiguredNode) -> Sequence[str]:
        plain = [
            *("--id", node.id),
            *("--http-host", node.http_host, "--http-port", str(node.http_port)),
            *("--udp-host", node.udp_host, "--udp-port", str(node.udp_port)),
            *("--max-bitrate", str(node.max_bitrate), "--max-peers", str(node.max_peers)),
            *("--data", str(self.data / node.id)),
            *("--keys", str(self.keys_file), "--secret-file", str(self.secret_file)),
        ]
        for address in node.announce:
            plain += ["--announce", address]
        if node.turn:
            plain += ["--turn-file", str(self.turn_file(node))]
        for proxy in self.trusted_proxies:
            plain += ["--trusted-proxy", proxy]
        for origin in self.origins:
            plain += ["--origin", origin]
        return [sys.executable, "-m", "media.node", *plain]


def launch_of(settings: Settings, keys: KeyRing, root: Path) -> Launch:
    """Return what the nodes of this configuration share."""
    return Launch(
        data=settings.data.directory / "nodes",
        keys_file=keys.public_file,
        secret_file=keys.secret_file,
        origins=origins_of(settings),
        root=root,
        trusted_proxies=settings.relay.trusted_proxies,
    )
