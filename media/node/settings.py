"""How a relay node is started: its command line, read into one frozen object."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from media.contract.turn import IceServer, IceServerFileError, read_ice_servers
from media.httpd.proxies import Network, parse_network


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """`announce` are the addresses put into answers; `max_bitrate` in bit/s a publisher;
    `trusted_proxies` those whose X-Forwarded-For is believed."""

    node: str
    http_host: str
    http_port: int
    udp_host: str
    udp_port: int
    announce: tuple[str, ...]
    data: Path
    keys: Path
    secret_file: Path
    origins: tuple[str, ...]
    max_bitrate: int
    max_peers: int
    ice_servers: tuple[IceServer, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()


def parse_settings(arguments: Sequence[str]) -> NodeSettings:
    """Read the command line; argparse ends the process with a sentence when it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m media.node", description=__doc__)
    parser.add_argument("--id", required=True, help="the node's name, e.g. n1")
    parser.add_argument("--http-host", default="127.0.0.1")
    parser.add_argument("--http-port", type=int, default=8701, help="0 picks a free one")
    parser.add_argument("--udp-host", default="127.0.0.1", help="0.0.0.0 for every interface")
    parser.add_argument("--udp-port", type=int, default=8701, help="0 picks a free one")
    parser.add_argument("--announce", action="append", help="address for ICE candidates")
    parser.add_argument("--data", required=True, type=Path, help="folder of journal and lists")
    parser.add_argument("--keys", required=True, type=Path, help="JWKS file of ticket keys")
    parser.add_argument("--secret-file", required=True, type=Path, help="secret of the control API")
    parser.add_argument("--origin", action="append", help="a page's origin that may call us")
    parser.add_argument("--max-bitrate", type=int, default=3_400_000, help="bit/s a publisher")
    parser.add_argument("--max-peers", type=int, default=1000, help="refuse more (503)")
    parser.add_argument(
        "--turn-file",
        type=_ice_servers,
        default=(),
        help="private file of TURN servers that clients are told of, URL,USER,CREDENTIAL a line",
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        type=_network,
        metavar="ADDRESS",
        help="a reverse proxy, or a network of them, whose X-Forwarded-For is believed",
    )
    given = parser.parse_args(arguments)
    return NodeSettings(
        node=given.id,
        http_host=given.http_host,
        http_port=given.http_port,
        udp_host=given.udp_host,
        udp_port=given.udp_port,
        announce=tuple(given.announce or [given.udp_host]),
        data=given.data,
        keys=given.keys,
        secret_file=given.secret_file,
        origins=tuple(given.origin or []),
        max_bitrate=given.max_bitrate,
        max_peers=given.max_peers,
        ice_servers=given.turn_file,
        trusted_proxies=tuple(given.trusted_proxy or []),
    )


def _ice_servers(name: str) -> tuple[IceServer, ...]:
    try:
        return read_ice_servers(Path(name))
    except (OSError, IceServerFileError) as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _network(text: str) -> Network:
    try:
        return parse_network(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
